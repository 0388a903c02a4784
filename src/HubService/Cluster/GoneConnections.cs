using System.Collections.Concurrent;

namespace HubService.Cluster;

/// <summary>Connections that have just gone away, so that the last they published does not make them holders of anything again.</summary>
internal sealed class GoneConnections(Handles handles, TimeProvider time)
{
    private static readonly TimeSpan Remembered = TimeSpan.FromSeconds(10);

    private readonly ConcurrentDictionary<string, long> _gone = new(StringComparer.Ordinal);
    private long _sweptAt = time.GetTimestamp();

    public void Note(string handle)
    {
        long now = time.GetTimestamp();
        _gone[handle] = now;
        if (time.GetElapsedTime(_sweptAt, now) > Remembered)
        {
            _sweptAt = now;
            foreach ((string old, long at) in _gone)
            {
                if (time.GetElapsedTime(at, now) > Remembered)
                {
                    _gone.TryRemove(old, out _);
                }
            }
        }
    }

    public bool Contains(string handle) => _gone.ContainsKey(handle) || !handles.MayLive(handle);
}
