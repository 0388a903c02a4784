using HubService.Contracts;
using HubService.Delivery;
using HubService.Streams;

namespace HubService.Tests.Delivery;

public class CursorTests
{
    [Theory]
    [InlineData("", 0, "e", 1, 1, "Next")]
    [InlineData("", 0, "e", 2, 2, "Beyond")]
    [InlineData("e", 7, "e", 8, 8, "Next")]
    [InlineData("e", 7, "e", 7, 7, "Seen")]
    [InlineData("e", 7, "e", 1, 1, "Seen")]
    [InlineData("e", 7, "e", 9, 9, "Beyond")]
    [InlineData("e", 7, "f", 8, 8, "Beyond")]
    [InlineData("e", 7, "f", 1, 1, "Beyond")]
    [InlineData("e", 7, "e", 8, 10, "Next")]
    [InlineData("e", 7, "e", 7, 9, "Beyond")]
    [InlineData("e", 7, "e", 5, 7, "Seen")]
    [InlineData("e", 7, "e", 9, 10, "Beyond")]
    public void Only_the_next_events_of_the_epoch_may_be_posted(string epoch, long posted, string eventEpoch, long first, long last, string place)
    {
        var cursor = new Cursor(null!, null!) { Posted = new StreamPosition(epoch, posted) };
        LogEntry[] entries = [.. Enumerable.Range((int)first, (int)(last - first + 1)).Select(seq => new LogEntry(seq, $"evt_{seq}", "status_update", 0, "{}"u8.ToArray()))];
        Assert.Equal(place, cursor.PlaceOf(EventChunk.Take(StreamKind.Thread, eventEpoch, entries, 0)).ToString());
    }
}
