using System.Globalization;
using HubService.Contracts;
using HubService.Streams;

namespace HubService.Redis;

/// <summary>
/// Where a stream's history may have forked: at each change of the server's line of history the old epoch and the last seq that
/// was there. A position of an old epoch holds up to the lowest fork since.
/// </summary>
internal static class Forks
{
    /// <summary>The verdict on a position, given the stream's head and forks (<c>epoch:last_seq</c>, newest first).</summary>
    public static ReadVerdict Judge(StreamPosition after, LogHead head, string forks, long lowest, out long lastValid)
    {
        long seq = Math.Max(0, after.Seq);
        long limit = LastValid(after, head, forks);
        bool start = after.Epoch.Length == 0 && seq == 0;
        lastValid = 0;
        if (!start && seq > limit)
        {
            lastValid = Math.Max(0, limit);
            return ReadVerdict.Reset;
        }

        return seq + 1 < lowest ? ReadVerdict.HistoryLost : ReadVerdict.Ok;
    }

    /// <summary>The last seq of the position's epoch that the stream still holds; -1 when it never had such an epoch.</summary>
    private static long LastValid(StreamPosition after, LogHead head, string forks)
    {
        long limit = head.Seq;
        if (after.Epoch == head.Epoch)
        {
            return limit;
        }

        foreach (string fork in forks.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            int colon = fork.LastIndexOf(':');
            limit = Math.Min(limit, long.Parse(fork.AsSpan(colon + 1), CultureInfo.InvariantCulture));
            if (fork.AsSpan(0, colon).SequenceEqual(after.Epoch))
            {
                return limit;
            }
        }

        return -1;
    }
}
