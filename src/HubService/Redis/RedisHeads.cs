using HubService.Streams;
using StackExchange.Redis;

namespace HubService.Redis;

/// <summary>Asks where streams end. One call is under way; what is asked meanwhile is asked together by the next, once for each stream, so that every answer is younger than its question.</summary>
internal sealed class RedisHeads(RedisCommands commands, RedisKeys keys)
{
    /// <summary>Streams of one call: the server does nothing else meanwhile.</summary>
    public const int AtOnce = 128;

    private readonly Lock _gate = new();
    private Dictionary<StreamKey, TaskCompletionSource<LogHead>> _asked = [];
    private bool _isAsking;

    /// <exception cref="LogException">The log cannot be read now.</exception>
    public Task<LogHead> ReadAsync(StreamKey stream)
    {
        TaskCompletionSource<LogHead>? mine;
        lock (_gate)
        {
            if (!_asked.TryGetValue(stream, out mine))
            {
                _asked[stream] = mine = new TaskCompletionSource<LogHead>(TaskCreationOptions.RunContinuationsAsynchronously);
            }

            if (_isAsking)
            {
                return mine.Task;
            }

            _isAsking = true;
        }

        ThreadPool.UnsafeQueueUserWorkItem(static heads => _ = heads.AskAsync(), this, preferLocal: false);
        return mine.Task;
    }

    /// <summary>The heads in the order of the streams, at most <see cref="AtOnce"/>, each with why it alone cannot be read.</summary>
    /// <exception cref="LogException">The log cannot be read now.</exception>
    public async Task<(LogHead Head, LogException? Failed)[]> ReadAsync(IReadOnlyList<StreamKey> streams)
    {
        RedisResult[] answer = await commands.RunAsync(RedisScript.Head, [.. streams.Select(s => keys.Of(s).Meta)], []);
        return [.. answer.Select(part => HeadOf((RedisResult[])part))];
    }

    private async Task AskAsync()
    {
        while (Take() is { } asked)
        {
            foreach (KeyValuePair<StreamKey, TaskCompletionSource<LogHead>>[] some in asked.Chunk(AtOnce))
            {
                try
                {
                    (LogHead Head, LogException? Failed)[] heads = await ReadAsync([.. some.Select(s => s.Key)]);
                    for (int i = 0; i < some.Length; i++)
                    {
                        if (heads[i].Failed is { } failed)
                        {
                            some[i].Value.SetException(failed);
                        }
                        else
                        {
                            some[i].Value.SetResult(heads[i].Head);
                        }
                    }
                }
                catch (Exception e)
                {
                    Array.ForEach(some, s => s.Value.TrySetException(e));
                }
            }
        }
    }

    private (LogHead Head, LogException? Failed) HeadOf(RedisResult[] part) =>
        commands.RefusedIn(part) is { } failed ? (default, failed) : (new LogHead((string)part[1], (long)part[2]), null);

    private Dictionary<StreamKey, TaskCompletionSource<LogHead>>? Take()
    {
        lock (_gate)
        {
            Dictionary<StreamKey, TaskCompletionSource<LogHead>> taken = _asked;
            _isAsking = taken.Count > 0;
            _asked = _isAsking ? [] : taken;
            return _isAsking ? taken : null;
        }
    }
}
