using System.Collections.Concurrent;
using System.Text;
using HubService.Streams;

namespace HubService.Sqlite;

/// <summary>The states of the streams somebody used lately: loaded at first use, let go of when idle.</summary>
internal sealed class StreamStates(ReaderPool readers, Followers followers, TimeSpan window, TimeProvider time)
{
    private static readonly TimeSpan Idle = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan IdleWhenCrowded = TimeSpan.FromSeconds(5);
    private const int Crowded = 50_000;

    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly ConcurrentDictionary<StreamKey, StreamState> _open = new();

    public int Count => _open.Count;

    public long Now => time.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>The stream's one state, kept until <see cref="StreamState.Unpin"/>.</summary>
    public StreamState Pin(StreamKey key, bool toAppend = false)
    {
        while (true)
        {
            StreamState state = _open.GetOrAdd(key, static (k, w) => new StreamState(k, w), window);
            lock (state)
            {
                if (state.Evicted)
                {
                    continue;
                }

                // Read only now that the object is the stream's only one: an older object wrote its row before it was let go.
                LoadUnsynchronized(state, toAppend);
                state.Pins++;
                state.LastUsed = Now;
                return state;
            }
        }
    }

    /// <summary>Somebody does not follow the stream any more.</summary>
    public void LookAtFollowers(StreamKey key)
    {
        if (_open.TryGetValue(key, out StreamState? state))
        {
            lock (state)
            {
                state.Followers = followers.Of(key);
            }
        }
    }

    /// <summary>Lets go of streams nobody used for a while; their rows in the store say all there is to know.</summary>
    public void Sweep()
    {
        long before = Now - (long)(_open.Count > Crowded ? IdleWhenCrowded : Idle).TotalMilliseconds;
        foreach ((StreamKey key, StreamState state) in _open)
        {
            lock (state)
            {
                if (state.IdleUnsynchronized && state.LastUsed < before)
                {
                    state.Evicted = true;
                    _open.TryRemove(new KeyValuePair<StreamKey, StreamState>(key, state));
                }
            }
        }
    }

    private void LoadUnsynchronized(StreamState state, bool toAppend)
    {
        if (!state.Loaded)
        {
            RefuseUnpairedSurrogates(state.Key);
            readers.Read(c =>
            {
                c.Load(state);
                return 0;
            });
            state.Followers = followers.Of(state.Key);
            state.Loaded = true;
        }

        if (toAppend && !state.Appendable)
        {
            long oldest = Now - (long)window.TotalMilliseconds;
            readers.Read(c =>
            {
                c.LoadForAppend(state, oldest);
                return 0;
            });
            state.Appendable = true;
        }
    }

    /// <summary>UTF-8 cannot hold them, and two streams would become one.</summary>
    private static void RefuseUnpairedSurrogates(StreamKey key)
    {
        Strict.GetByteCount(key.Tenant);
        Strict.GetByteCount(key.Kind);
        Strict.GetByteCount(key.Id);
    }
}
