using HubService.Access;
using HubService.Cluster;
using HubService.Contracts;
using HubService.Streams;

namespace HubService.Agents;

/// <summary>The connected agent workers of every node: what each serves, and which one takes the next run.</summary>
internal sealed class AgentWorkers
{
    public const string Guide = "guide";

    private readonly Lock _assigning = new();
    private readonly RunLeases _leases;
    private readonly SharedWorkers<AgentWorker> _workers;
    private readonly SharedFacts<Dictionary<string, int>> _loads;

    public AgentWorkers(RunLeases leases, ICluster cluster)
    {
        _leases = leases;
        _workers = new SharedWorkers<AgentWorker>(cluster, "agents.workers", AgentNodesJson.Default.AgentWorkerArray);
        _loads = new SharedFacts<Dictionary<string, int>>(cluster, "agents.loads", AgentNodesJson.Default.DictionaryStringInt32);
    }

    public void Register(string handle, Principal principal, IReadOnlyList<string> names, int capacity) =>
        _workers.Register(new AgentWorker(handle, principal, [.. names.Distinct(StringComparer.Ordinal)], capacity));

    public void Unregister(string handle) => _workers.Unregister(handle);

    /// <summary>One pass: tells the other nodes how busy this node's threads keep the workers.</summary>
    public void ShareLoadsOnce() => _loads.Share(_leases.Counts() is { Count: > 0 } counts ? counts : null);

    /// <summary>
    /// Gives a run of the thread to the least busy worker that serves the target for this caller: same tenant, a realm in common
    /// where either side has one, a token that may publish to the thread, and a run to spare. The run counts
    /// from then on; those in threads of other nodes, as they were about a second ago.
    /// </summary>
    /// <returns>The worker's handle; null when there is none.</returns>
    public string? Assign(RunId run, Principal caller, string target, StreamKey thread, string? threadRealm)
    {
        lock (_assigning)
        {
            IReadOnlyCollection<KeyValuePair<string, Dictionary<string, int>>> elsewhere = _loads.OfOthers();
            string? worker = Serving(caller, target, thread, threadRealm)
                .Select(w => (w.Handle, Load: (_leases.CountOf(w.Handle) + elsewhere.Sum(n => n.Value.GetValueOrDefault(w.Handle))) / (double)w.Capacity))
                .Where(w => w.Load < 1)
                .OrderBy(w => w.Load)
                .Select(w => w.Handle)
                .FirstOrDefault();
            if (worker is not null)
            {
                _leases.Ask(thread, run.Value, worker);
            }

            return worker;
        }
    }

    /// <summary>The threads of this node in which the workers that serve the target for this caller have runs.</summary>
    public IReadOnlyList<StreamKey> ThreadsOf(Principal caller, string target, StreamKey thread, string? threadRealm) =>
        [.. Serving(caller, target, thread, threadRealm).SelectMany(w => _leases.ThreadsOf(w.Handle)).Distinct()];

    /// <summary>Does any worker serve the target for this caller, busy or not?</summary>
    public bool Serves(Principal caller, string target) =>
        _workers.All().Any(w => w.Principal.Tenant == caller.Tenant && w.Names.Contains(target) && Shares(w.Principal, caller, null));

    private IEnumerable<AgentWorker> Serving(Principal caller, string target, StreamKey thread, string? threadRealm) => _workers.All()
        .Where(w => w.Principal.Tenant == caller.Tenant && w.Names.Contains(target) && Shares(w.Principal, caller, threadRealm) && (w.Principal.Is(Roles.Admin) || w.Principal.IsGranted(thread.StreamId)));

    private static bool Shares(Principal worker, Principal caller, string? threadRealm) =>
        (threadRealm is null || worker.Realms.Contains(threadRealm))
        && (worker.Realms.Count == 0 || worker.Realms.Any(caller.Realms.Contains));
}

/// <summary>What an agent worker serves, how many runs at once, and for whom.</summary>
internal sealed record AgentWorker(string Handle, Principal Principal, IReadOnlyList<string> Names, int Capacity) : IWorker;
