using HubService.Access;
using HubService.Cluster;

namespace HubService.Limits;

/// <summary>The open connections of each subject: those of this node as a set, so that their count cannot drift, and how many that makes with the other nodes.</summary>
internal sealed class ConnectionCounts(ISharedCounts shared)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, HashSet<string>> _open = new(StringComparer.Ordinal);

    /// <summary>False when the subject has as many as it may, over all nodes or, when the others cannot be asked now, here.</summary>
    public async ValueTask<bool> TryAddAsync(Principal principal, string connectionId, int limit)
    {
        string name = NameOf(principal);
        Task<long?> sum;
        lock (_gate)
        {
            if (!_open.TryGetValue(name, out HashSet<string>? connections))
            {
                connections = _open[name] = new HashSet<string>(StringComparer.Ordinal);
            }

            if (connections.Contains(connectionId))
            {
                return true;
            }

            if (connections.Count >= limit)
            {
                return false;
            }

            connections.Add(connectionId);

            // Under the lock, so that the last one said is the last one counted.
            sum = shared.SetAsync(name, connections.Count);
        }

        if (await sum is not { } total || total <= limit)
        {
            return true;
        }

        Remove(principal, connectionId);
        return false;
    }

    public void Remove(Principal principal, string connectionId)
    {
        string name = NameOf(principal);
        lock (_gate)
        {
            if (_open.TryGetValue(name, out HashSet<string>? connections) && connections.Remove(connectionId))
            {
                _ = shared.SetAsync(name, connections.Count);
                if (connections.Count == 0)
                {
                    _open.Remove(name);
                }
            }
        }
    }

    /// <summary>The tenant is length-prefixed, so that no tenant can spell another one's subject.</summary>
    private static string NameOf(Principal principal) => $"{principal.Tenant.Length}:{principal.Tenant}:{principal.Subject}";
}
