using HubService.Streams;
using StackExchange.Redis;

namespace HubService.Redis;

/// <summary>Looks up event ids of many streams, in calls that they share.</summary>
internal sealed class RedisFinds
{
    private const int IdsOfCall = 500;

    private readonly RedisCommands _commands;
    private readonly Func<RedisValue> _clock;
    private readonly Func<TimeSpan> _window;
    private readonly SharedCalls<PendingFind> _calls;

    /// <param name="clock">The time in Unix milliseconds, or empty for the server's.</param>
    /// <param name="window">The idempotency window.</param>
    public RedisFinds(RedisCommands commands, Func<RedisValue> clock, Func<TimeSpan> window)
    {
        (_commands, _clock, _window) = (commands, clock, window);
        _calls = new SharedCalls<PendingFind>(CallAsync, static find => find.Ids.Count * 1_000 / IdsOfCall);
    }

    /// <summary>For each id the seq it was appended with within the window, else null.</summary>
    /// <exception cref="LogException">The log cannot be read now.</exception>
    public Task<long?[]> FindAsync(StreamKeys keys, IReadOnlyList<string> ids)
    {
        var find = new PendingFind(keys, ids);
        _calls.Add(find);
        return find.Task;
    }

    private async Task CallAsync(IReadOnlyList<PendingFind> finds)
    {
        try
        {
            RedisResult[] answer = await _commands.RunAsync(
                RedisScript.Find,
                [.. finds.SelectMany(static f => (RedisKey[])[f.Keys.Meta, f.Keys.Ids, f.Keys.IdsBefore])],
                [_clock(), (long)_window().TotalMilliseconds, .. finds.SelectMany(static f => f.Ids.Select(static id => (RedisValue)id).Prepend(f.Ids.Count))]);
            long?[][] seqs = Divide(answer, finds);
            SharedCalls<PendingFind>.Answer(finds, (find, i) => find.SetResult(seqs[i]));
        }
        catch (Exception e)
        {
            SharedCalls<PendingFind>.Answer(finds, (find, _) => find.SetException(e));
        }
    }

    private static long?[][] Divide(RedisResult[] answer, IReadOnlyList<PendingFind> finds)
    {
        int at = 0;
        return [.. finds.Select(find => (long?[])[.. find.Ids.Select(_ => (long)answer[at++] is > 0 and var seq ? seq : (long?)null)])];
    }

    private sealed class PendingFind(StreamKeys keys, IReadOnlyList<string> ids) : TaskCompletionSource<long?[]>
    {
        public StreamKeys Keys => keys;

        public IReadOnlyList<string> Ids => ids;
    }
}
