using HubService.Contracts;
using HubService.Streams;

namespace HubService.Delivery;

/// <summary>Tells a subscriber that its run of events is not contiguous: what was lost, or from where to start again.</summary>
internal static class Interruption
{
    public static ReadOnlyMemory<byte> Frame(Cursor cursor, LogPage page, TimeProvider time)
    {
        string stream = cursor.Stream.StreamId.ToString();
        return page.Verdict == ReadVerdict.HistoryLost
            ? JsonInvocation.Session("history_lost", Lost(stream, cursor.Written, page), time)
            : JsonInvocation.Session("reset", Reset(stream, page), time);
    }

    /// <summary>Tells a subscriber that it may no longer read the stream: a reset with an empty epoch and last_valid 0, as if the stream did not exist.</summary>
    public static ReadOnlyMemory<byte> Gone(StreamKey stream, TimeProvider time) =>
        JsonInvocation.Session("reset", Gone(stream.StreamId.ToString()), time);

    public static StreamReset Gone(string stream) => new(stream, "", 0);

    public static HistoryLost Lost(string stream, StreamPosition asked, LogPage page) => new(stream, asked.Seq + 1, page.Lowest - 1);

    public static StreamReset Reset(string stream, LogPage page) => new(stream, page.Epoch, page.LastValid);
}
