using HubService.Cluster;
using HubService.Delivery;
using HubService.Streams;

namespace HubService.Publishing;

/// <summary>Tells publishers that what they had acknowledged was rolled back, on the connections they published with, so that they may publish it again.</summary>
internal sealed class Rollbacks(Outboxes outboxes, TimeProvider time)
{
    public void Tell(StreamKey stream, LogPage page, IEnumerable<string> publishers)
    {
        var told = new OutboundMessage(JsonInvocation.Session("reset", Interruption.Reset(stream.StreamId.ToString(), page), time));
        foreach (string handle in publishers)
        {
            outboxes.Find(Handles.ConnectionOf(handle))?.Send(told);
        }
    }
}
