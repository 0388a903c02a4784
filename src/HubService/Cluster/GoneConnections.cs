using System.Collections.Concurrent;

namespace HubService.Cluster;

/// <summary>Connections that have just gone away, so that the last they published does not make them holders of anything again.</summary>
internal sealed class GoneConnections(Handles handles, TimeProvider time)
{
    private static readonly TimeSpan Remembered = TimeSpan.FromSeconds(10);

    private readonly ConcurrentDictionary<string, long> _gone = new(StringComparer.Ordinal);

    public void Note(string handle) => _gone[handle] = time.GetTimestamp();

    public bool Contains(string handle) => _gone.ContainsKey(handle) || !handles.MayLive(handle);

    /// <summary>One pass: forgets those that went long enough ago; returns how many.</summary>
    public int ForgetOnce()
    {
        int forgotten = 0;
        foreach ((string handle, long at) in _gone)
        {
            if (time.GetElapsedTime(at) > Remembered && _gone.TryRemove(new KeyValuePair<string, long>(handle, at)))
            {
                forgotten++;
            }
        }

        return forgotten;
    }
}
