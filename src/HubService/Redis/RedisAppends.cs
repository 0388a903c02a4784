using HubService.Contracts;
using HubService.Streams;
using StackExchange.Redis;

namespace HubService.Redis;

/// <summary>Appends of many streams, in calls that they share. An append's answer does not depend on its neighbours'.</summary>
internal sealed class RedisAppends
{
    private const int NonceLength = 12;
    private const int BytesOfCall = 256 * 1024;
    private const int EventsOfCall = 500;

    private readonly RedisCommands _commands;
    private readonly RedisKeys _keys;
    private readonly Func<RedisValue> _clock;
    private readonly Func<TimeSpan> _window;
    private readonly RedisValue _ttl;
    private readonly SharedCalls<PendingAppend> _calls;

    /// <param name="clock">The time in Unix milliseconds, or empty for the server's.</param>
    /// <param name="window">The idempotency window.</param>
    /// <param name="ttl">How long a stream's keys live after its last event, in milliseconds.</param>
    public RedisAppends(RedisCommands commands, RedisKeys keys, Func<RedisValue> clock, Func<TimeSpan> window, RedisValue ttl)
    {
        (_commands, _keys, _clock, _window, _ttl) = (commands, keys, clock, window, ttl);
        _calls = new SharedCalls<PendingAppend>(CallAsync, static append => Math.Max(append.Entries.Length * 1_000 / EventsOfCall, (int)(append.Bytes * 1_000L / BytesOfCall)));
    }

    /// <summary>The answer of the script for this stream.</summary>
    /// <exception cref="LogException">It was not, or possibly not, appended; the exception says which.</exception>
    public Task<RedisResult[]> AppendAsync(PendingAppend append)
    {
        _calls.Add(append);
        return append.Task;
    }

    private async Task<Action<PendingAppend, int>> CallAsync(IReadOnlyList<PendingAppend> appends)
    {
        try
        {
            RedisAnswer answer = await _commands.SendAsync(RedisScript.Append, [_keys.Unsettled, .. appends.Select(static a => (RedisKey)a.Keys.Channel)], Arguments(appends));
            RedisResult[][] answers = [.. answer.Parts.Select(static part => (RedisResult[])part)];
            return (append, i) => Answer(append, answers[i], answer.WasSentBefore);
        }
        catch (Exception e)
        {
            return (append, _) => append.SetException(e);
        }
    }

    private void Answer(PendingAppend append, RedisResult[] answer, bool wasSentBefore)
    {
        if (_commands.RefusedIn(answer, wasSentBefore) is { } refused)
        {
            append.SetException(refused);
        }
        else
        {
            append.SetResult(answer);
        }
    }

    private RedisValue[] Arguments(IReadOnlyList<PendingAppend> appends)
    {
        var arguments = new RedisValue[4 + appends.Sum(static a => 6 + (3 * a.Entries.Length))];
        arguments[0] = _clock();
        arguments[1] = Ids.New()[..NonceLength];
        arguments[2] = (long)_window().TotalMilliseconds;
        arguments[3] = _ttl;
        int to = 4;
        foreach (PendingAppend append in appends)
        {
            arguments[to++] = append.Name;
            arguments[to++] = append.Retention.Events;
            arguments[to++] = (long)append.Retention.Age.TotalMilliseconds;
            arguments[to++] = append.Expected?.Epoch ?? "";
            arguments[to++] = append.Expected is { } at ? at.Seq : RedisValue.EmptyString;
            arguments[to++] = append.Entries.Length;
            for (int i = 0; i < append.Entries.Length; i++)
            {
                NewLogEvent e = append.Events[i];
                arguments[to++] = e.Idempotent ? e.EventId : RedisValue.EmptyString;
                arguments[to++] = e.Ts;
                arguments[to++] = append.Entries[i];
            }
        }

        return arguments;
    }
}

/// <summary>A batch for one stream, waiting for its answer.</summary>
/// <param name="name">The stream's name, in UTF-8.</param>
/// <param name="entries">The events as they will lie in the log.</param>
internal sealed class PendingAppend(StreamKeys keys, byte[] name, Retention retention, IReadOnlyList<NewLogEvent> events, byte[][] entries, LogHead? expected) : TaskCompletionSource<RedisResult[]>
{
    public StreamKeys Keys => keys;

    public byte[] Name => name;

    public Retention Retention => retention;

    public IReadOnlyList<NewLogEvent> Events => events;

    public byte[][] Entries => entries;

    public LogHead? Expected => expected;

    public int Bytes { get; } = entries.Sum(static e => e.Length);
}
