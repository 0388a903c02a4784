using System.Runtime.InteropServices;
using System.Text;
using HubService.Contracts;
using HubService.Delivery;

namespace HubService.Tests.Delivery;

public class JsonInvocationTests
{
    [Fact]
    public void A_frame_is_one_record_with_all_arguments()
    {
        ReadOnlyMemory<byte> frame = JsonInvocation.Frame("Told", "a \"word\", ü and \u001e", null, new ServerDraining(7));
        Assert.Equal("""{"type":1,"target":"Told","arguments":["a \"word\", ü and \u001E",null,{"reconnect_within_ms":7}]}""" + "\u001e", Encoding.UTF8.GetString(frame.Span));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(1_000)]
    [InlineData(30_000)]
    public void What_waits_holds_no_more_memory_than_is_counted(int length)
    {
        ReadOnlyMemory<byte> frame = JsonInvocation.Frame("Told", new string('x', length));
        Assert.True(MemoryMarshal.TryGetArray(frame, out ArraySegment<byte> held));
        Assert.Equal(frame.Length, held.Array!.Length);
    }
}
