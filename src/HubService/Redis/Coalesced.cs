using System.Collections.Concurrent;

namespace HubService.Redis;

/// <summary>Many callers of one read share it: for each key one is under way, and whoever comes meanwhile shares the next, which begins after they asked.</summary>
internal sealed class Coalesced<TKey, T>(Func<TKey, Task<T>> read)
    where TKey : notnull
{
    private readonly ConcurrentDictionary<TKey, Reads> _reads = new();

    public async Task<T> ReadAsync(TKey key)
    {
        Reads reads = _reads.GetOrAdd(key, k => new Reads(() => read(k)));
        try
        {
            return await reads.ReadAsync();
        }
        finally
        {
            if (reads.IsIdle)
            {
                _reads.TryRemove(new KeyValuePair<TKey, Reads>(key, reads));
            }
        }
    }

    private sealed class Reads(Func<Task<T>> read)
    {
        private readonly Lock _gate = new();
        private Task<T>? _current;
        private Task<T>? _next;

        /// <summary>True when nothing is under way.</summary>
        public bool IsIdle
        {
            get
            {
                lock (_gate)
                {
                    return _next is null && _current is null or { IsCompleted: true };
                }
            }
        }

        public Task<T> ReadAsync()
        {
            lock (_gate)
            {
                if (_current is null || _current.IsCompleted)
                {
                    return _current = read();
                }

                return _next ??= FollowAsync(_current);
            }
        }

        private async Task<T> FollowAsync(Task<T> before)
        {
            await ((Task)before).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ForceYielding);
            lock (_gate)
            {
                _current = _next;
                _next = null;
            }

            return await read();
        }
    }
}
