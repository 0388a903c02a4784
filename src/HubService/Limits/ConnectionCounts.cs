using HubService.Access;

namespace HubService.Limits;

/// <summary>The open connections of each subject, as a set, so that the count cannot drift.</summary>
internal sealed class ConnectionCounts
{
    private readonly Lock _gate = new();
    private readonly Dictionary<(string Tenant, string Subject), HashSet<string>> _open = [];

    /// <summary>False when the subject has as many as it may.</summary>
    public bool TryAdd(Principal principal, string connectionId, int limit)
    {
        lock (_gate)
        {
            (string, string) key = (principal.Tenant, principal.Subject);
            if (!_open.TryGetValue(key, out HashSet<string>? connections))
            {
                connections = _open[key] = new HashSet<string>(StringComparer.Ordinal);
            }

            return connections.Contains(connectionId) || (connections.Count < limit && connections.Add(connectionId));
        }
    }

    public void Remove(Principal principal, string connectionId)
    {
        lock (_gate)
        {
            (string, string) key = (principal.Tenant, principal.Subject);
            if (_open.TryGetValue(key, out HashSet<string>? connections) && connections.Remove(connectionId) && connections.Count == 0)
            {
                _open.Remove(key);
            }
        }
    }
}
