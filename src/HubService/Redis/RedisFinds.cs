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

    private async Task<Action<PendingFind, int>> CallAsync(IReadOnlyList<PendingFind> finds)
    {
        try
        {
            RedisResult[] answer = await _commands.RunAsync(
                RedisScript.Find,
                [.. finds.SelectMany(static f => (RedisKey[])[f.Keys.Meta, f.Keys.Ids, f.Keys.IdsBefore])],
                [_clock(), (long)_window().TotalMilliseconds, .. finds.SelectMany(static f => f.Ids.Select(static id => (RedisValue)id).Prepend(f.Ids.Count))]);
            RedisResult[][] answers = [.. answer.Select(static part => (RedisResult[])part)];
            return (find, i) => Answer(find, answers[i]);
        }
        catch (Exception e)
        {
            return (find, _) => find.SetException(e);
        }
    }

    private void Answer(PendingFind find, RedisResult[] answer)
    {
        if (_commands.RefusedIn(answer) is { } refused)
        {
            find.SetException(refused);
        }
        else
        {
            find.SetResult([.. answer.Skip(1).Select(static seq => (long)seq is > 0 and var known ? known : (long?)null)]);
        }
    }

    private sealed class PendingFind(StreamKeys keys, IReadOnlyList<string> ids) : TaskCompletionSource<long?[]>
    {
        public StreamKeys Keys => keys;

        public IReadOnlyList<string> Ids => ids;
    }
}
