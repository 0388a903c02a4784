using HubService.Streams;
using StackExchange.Redis;

namespace HubService.Redis;

/// <summary>
/// Appends of many streams share calls: what comes while a call is under way waits for its answer and goes with the next one, so
/// that calls grow with the load and nobody waits long without one. A full call does not wait. An append's own answer does not depend on its neighbours'.
/// </summary>
internal sealed class RedisAppends(RedisCommands commands, RedisKeys keys, Func<IReadOnlyList<PendingAppend>, RedisValue[]> arguments)
{
    /// <summary>A call is full with so many streams, events or bytes: the server does nothing else meanwhile.</summary>
    private const int FullStreams = 64, FullEvents = 512, FullBytes = 256 * 1024;

    /// <summary>Calls under way at once, when they are full.</summary>
    private const int MaxCalls = 8;

    /// <summary>So many callers go on one after the other, the others beside them.</summary>
    private const int AnsweredInTurn = 8;

    private readonly Lock _gate = new();
    private readonly Queue<PendingAppend> _waiting = new();
    private int _calls;

    /// <summary>The answer of the script for this stream.</summary>
    /// <exception cref="LogException">It was not, or possibly not, appended; the exception says which.</exception>
    public Task<RedisResult[]> AppendAsync(PendingAppend append)
    {
        lock (_gate)
        {
            _waiting.Enqueue(append);
            if (_calls > 0 && (_waiting.Count < FullStreams || _calls == MaxCalls))
            {
                return append.Task;
            }

            _calls++;
        }

        // Behind what the threads have to do already, of which some may be appends for the same call.
        ThreadPool.UnsafeQueueUserWorkItem(static appends => _ = appends.RunAsync(), this, preferLocal: false);
        return append.Task;
    }

    private async Task RunAsync()
    {
        while (Take() is { } taken)
        {
            try
            {
                RedisAnswer answer = await commands.SendAsync(RedisScript.Append, Keys(taken), arguments(taken));
                RedisResult[][] answers = [.. answer.Parts.Select(static part => (RedisResult[])part)];
                Answer(taken, (append, i) => Answer(append, answers[i], answer.WasSentBefore));
            }
            catch (Exception e)
            {
                Answer(taken, (append, _) => append.SetException(e));
            }
        }
    }

    /// <summary>Null when nothing waits, or only what another call takes when it has its answer.</summary>
    private List<PendingAppend>? Take()
    {
        lock (_gate)
        {
            if (_waiting.Count == 0 || (_calls > 1 && _waiting.Count < FullStreams))
            {
                _calls--;
                return null;
            }

            List<PendingAppend> taken = new(Math.Min(_waiting.Count, FullStreams));
            int events = 0, bytes = 0;
            do
            {
                PendingAppend next = _waiting.Dequeue();
                taken.Add(next);
                events += next.Entries.Length;
                bytes += next.Bytes;
            }
            while (taken.Count < FullStreams && _waiting.TryPeek(out PendingAppend? after) && events + after.Entries.Length <= FullEvents && bytes + after.Bytes <= FullBytes);
            return taken;
        }
    }

    private RedisKey[] Keys(List<PendingAppend> taken)
    {
        var all = new RedisKey[taken.Count + 1];
        all[0] = keys.Unsettled;
        for (int i = 0; i < taken.Count; i++)
        {
            all[i + 1] = taken[i].Keys.Channel;
        }

        return all;
    }

    private void Answer(PendingAppend append, RedisResult[] answer, bool wasSentBefore)
    {
        if ((int)answer[0] == 2)
        {
            append.SetException(commands.Refused((string)answer[1], wasSentBefore));
        }
        else
        {
            append.SetResult(answer);
        }
    }

    /// <summary>Whoever waited goes on elsewhere, so that the next call leaves at once.</summary>
    private static void Answer(List<PendingAppend> taken, Action<PendingAppend, int> answer)
    {
        for (int from = 0; from < taken.Count; from += AnsweredInTurn)
        {
            ThreadPool.UnsafeQueueUserWorkItem(
                static part =>
                {
                    for (int i = part.From; i < Math.Min(part.From + AnsweredInTurn, part.Taken.Count); i++)
                    {
                        part.Answer(part.Taken[i], i);
                    }
                },
                (Taken: taken, From: from, Answer: answer),
                preferLocal: true);
        }
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
