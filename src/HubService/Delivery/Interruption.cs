using HubService.Contracts;
using HubService.Streams;

namespace HubService.Delivery;

/// <summary>Tells a subscriber that its run of events is not contiguous: what was lost, or from where to start again.</summary>
internal static class Interruption
{
    /// <param name="asked">The position that the page was read from.</param>
    public static ReadOnlyMemory<byte> Frame(StreamKey stream, StreamPosition asked, LogPage page, TimeProvider time)
    {
        string id = stream.StreamId.ToString();
        return page.Verdict == ReadVerdict.HistoryLost
            ? JsonInvocation.Session("history_lost", Lost(id, asked, page), time)
            : JsonInvocation.Session("reset", Reset(id, page), time);
    }

    /// <summary>Tells a subscriber that it may no longer read the stream: a reset with an empty epoch and last_valid 0, as if the stream did not exist.</summary>
    public static ReadOnlyMemory<byte> Gone(StreamKey stream, TimeProvider time) =>
        JsonInvocation.Session("reset", Gone(stream.StreamId.ToString()), time);

    public static StreamReset Gone(string stream) => new(stream, "", 0);

    public static HistoryLost Lost(string stream, StreamPosition asked, LogPage page) => new(stream, asked.Seq + 1, page.Lowest - 1);

    public static StreamReset Reset(string stream, LogPage page) => new(stream, page.Epoch, page.LastValid);
}
