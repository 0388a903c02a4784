using HubService.Contracts;

namespace HubService.Streams;

/// <summary>What every log says alike about a read: the verdict on a position, and where a page begins.</summary>
internal static class LogPaging
{
    /// <summary>The bytes of event bodies a page holds at most, unless its first event alone is larger: with the place of each event it is 4 MB on the wire.</summary>
    public const int MaxBytes = (4 * 1024 * 1024) - (128 * 1024);

    /// <summary>Judges a position. Unless it is a reset, the page starts at <paramref name="from"/>, which is head + 1 when there is nothing to read.</summary>
    public static ReadVerdict Judge(StreamPosition after, LogHead head, long lowest, out long from, out long lastValid)
    {
        long seq = Math.Max(0, after.Seq);
        bool start = after.Epoch.Length == 0 && seq == 0;
        bool sameEpoch = after.Epoch == head.Epoch;
        from = Math.Max(seq + 1, lowest);
        lastValid = 0;
        if (!start && (!sameEpoch || seq > head.Seq))
        {
            lastValid = sameEpoch ? head.Seq : 0;
            return ReadVerdict.Reset;
        }

        return seq + 1 < lowest ? ReadVerdict.HistoryLost : ReadVerdict.Ok;
    }
}
