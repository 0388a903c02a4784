using HubService.Access;
using HubService.Contracts;

namespace HubService.Agents;

/// <summary>The connected agent workers: what each serves, and which one takes the next run.</summary>
internal sealed class AgentWorkers(RunLeases leases)
{
    public const string Guide = "guide";
    private const string LiaisonPrefix = "liaison:";

    private readonly Lock _gate = new();
    private readonly Dictionary<string, Worker> _byConnection = new(StringComparer.Ordinal);

    private sealed record Worker(string ConnectionId, Principal Principal, HashSet<string> Names, int Capacity);

    /// <summary>Is this a name an agent can be served or addressed under?</summary>
    public static bool IsName(string name) =>
        Ids.IsValid(name.StartsWith(LiaisonPrefix, StringComparison.Ordinal) ? name[LiaisonPrefix.Length..] : name);

    public void Register(string connectionId, Principal principal, IReadOnlyList<string> names, int capacity)
    {
        lock (_gate)
        {
            _byConnection[connectionId] = new Worker(connectionId, principal, [.. names], capacity);
        }
    }

    public void Unregister(string connectionId)
    {
        lock (_gate)
        {
            _byConnection.Remove(connectionId);
        }
    }

    /// <summary>
    /// The connection of the least busy worker that serves the target for this caller: same tenant, a realm in common where
    /// either side has one, a token that may publish to the thread, and a run to spare. Null when there is none.
    /// </summary>
    public string? Route(Principal caller, string target, StreamId thread, string? threadRealm)
    {
        lock (_gate)
        {
            return _byConnection.Values
                .Where(w => w.Principal.Tenant == caller.Tenant && w.Names.Contains(target) && Shares(w.Principal, caller, threadRealm) && (w.Principal.Is(Roles.Admin) || w.Principal.IsGranted(thread)))
                .Select(w => (w.ConnectionId, Load: leases.CountOf(w.ConnectionId) / (double)w.Capacity))
                .Where(w => w.Load < 1)
                .OrderBy(w => w.Load)
                .Select(w => w.ConnectionId)
                .FirstOrDefault();
        }
    }

    /// <summary>Does any worker serve the target for this caller, busy or not?</summary>
    public bool Serves(Principal caller, string target)
    {
        lock (_gate)
        {
            return _byConnection.Values.Any(w => w.Principal.Tenant == caller.Tenant && w.Names.Contains(target) && Shares(w.Principal, caller, null));
        }
    }

    private static bool Shares(Principal worker, Principal caller, string? threadRealm) =>
        (threadRealm is null || worker.Realms.Contains(threadRealm))
        && (worker.Realms.Count == 0 || worker.Realms.Any(caller.Realms.Contains));
}
