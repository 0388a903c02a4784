using HubService.Contracts;
using HubService.Delivery;

namespace HubService.Tests.Delivery;

public class CursorTests
{
    [Theory]
    [InlineData("", 0, "e", 1, "Next")]
    [InlineData("", 0, "e", 2, "Beyond")]
    [InlineData("e", 7, "e", 8, "Next")]
    [InlineData("e", 7, "e", 7, "Seen")]
    [InlineData("e", 7, "e", 1, "Seen")]
    [InlineData("e", 7, "e", 9, "Beyond")]
    [InlineData("e", 7, "f", 8, "Beyond")]
    [InlineData("e", 7, "f", 1, "Beyond")]
    public void Only_the_next_event_of_the_epoch_may_be_posted(string epoch, long posted, string eventEpoch, long seq, string place)
    {
        var cursor = new Cursor(null!, null!) { Posted = new StreamPosition(epoch, posted) };
        Assert.Equal(place, cursor.PlaceOf(eventEpoch, seq).ToString());
    }
}
