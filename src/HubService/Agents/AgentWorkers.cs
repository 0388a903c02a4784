using HubService.Access;
using HubService.Cluster;
using HubService.Contracts;
using HubService.Contracts.Schema.Rules;

namespace HubService.Agents;

/// <summary>The connected agent workers of every node: what each serves, and which one takes the next run.</summary>
internal sealed class AgentWorkers
{
    public const string Guide = "guide";

    private readonly Lock _gate = new();
    private readonly Dictionary<string, AgentWorker> _here = new(StringComparer.Ordinal);
    private readonly RunLeases _leases;
    private readonly SharedFacts<AgentWorker[]> _shared;
    private readonly SharedFacts<Dictionary<string, int>> _loads;

    public AgentWorkers(RunLeases leases, ICluster cluster)
    {
        _leases = leases;
        _shared = new SharedFacts<AgentWorker[]>(cluster, "agents.workers", AgentNodesJson.Default.AgentWorkerArray);
        _loads = new SharedFacts<Dictionary<string, int>>(cluster, "agents.loads", AgentNodesJson.Default.DictionaryStringInt32);
    }

    /// <summary>Is this a name an agent can be served or addressed under?</summary>
    public static bool IsName(string name) => AgentAddressAttribute.IsAddress(name);

    public void Register(string handle, Principal principal, IReadOnlyList<string> names, int capacity)
    {
        lock (_gate)
        {
            _here[handle] = new AgentWorker(handle, principal, [.. names.Distinct(StringComparer.Ordinal)], capacity);
            ShareUnsynchronized();
        }
    }

    public void Unregister(string handle)
    {
        lock (_gate)
        {
            if (_here.Remove(handle))
            {
                ShareUnsynchronized();
            }
        }
    }

    /// <summary>One pass: tells the other nodes how busy this node's threads keep the workers.</summary>
    public void ShareLoadsOnce() => _loads.Share(_leases.Counts() is { Count: > 0 } counts ? counts : null);

    /// <summary>
    /// The handle of the least busy worker that serves the target for this caller: same tenant, a realm in common where
    /// either side has one, a token that may publish to the thread, and a run to spare. Null when there is none.
    /// </summary>
    public string? Route(Principal caller, string target, StreamId thread, string? threadRealm)
    {
        IReadOnlyCollection<KeyValuePair<string, Dictionary<string, int>>> elsewhere = _loads.OfOthers();
        return All()
            .Where(w => w.Principal.Tenant == caller.Tenant && w.Names.Contains(target) && Shares(w.Principal, caller, threadRealm) && (w.Principal.Is(Roles.Admin) || w.Principal.IsGranted(thread)))
            .Select(w => (w.Handle, Load: (_leases.CountOf(w.Handle) + elsewhere.Sum(n => n.Value.GetValueOrDefault(w.Handle))) / (double)w.Capacity))
            .Where(w => w.Load < 1)
            .OrderBy(w => w.Load)
            .Select(w => w.Handle)
            .FirstOrDefault();
    }

    /// <summary>Does any worker serve the target for this caller, busy or not?</summary>
    public bool Serves(Principal caller, string target) =>
        All().Any(w => w.Principal.Tenant == caller.Tenant && w.Names.Contains(target) && Shares(w.Principal, caller, null));

    private List<AgentWorker> All()
    {
        List<AgentWorker> all;
        lock (_gate)
        {
            all = [.. _here.Values];
        }

        foreach ((string _, AgentWorker[] workers) in _shared.OfOthers())
        {
            all.AddRange(workers);
        }

        return all;
    }

    private void ShareUnsynchronized() => _shared.Share(_here.Count > 0 ? [.. _here.Values] : null);

    private static bool Shares(Principal worker, Principal caller, string? threadRealm) =>
        (threadRealm is null || worker.Realms.Contains(threadRealm))
        && (worker.Realms.Count == 0 || worker.Realms.Any(caller.Realms.Contains));
}

/// <summary>A worker as nodes tell each other.</summary>
internal sealed record AgentWorker(string Handle, Principal Principal, IReadOnlyList<string> Names, int Capacity);
