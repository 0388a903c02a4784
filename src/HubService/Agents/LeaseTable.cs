using HubService.Streams;

namespace HubService.Agents;

/// <summary>Leases by run and by holder. Publishers choose the ids of runs, so two threads may hold the same one. Its user locks.</summary>
internal sealed class LeaseTable
{
    private readonly Dictionary<(string Tenant, string RunId), List<Lease>> _runs = [];
    private readonly Dictionary<StreamKey, List<Lease>> _threads = [];
    private readonly Dictionary<string, HashSet<Lease>> _held = new(StringComparer.Ordinal);

    public IEnumerable<Lease> All => _threads.Values.SelectMany(l => l);

    public IReadOnlyCollection<string> Holders => _held.Keys;

    public IReadOnlyList<Lease> Of(string tenant, string runId) => _runs.TryGetValue((tenant, runId), out List<Lease>? leases) ? leases : [];

    public IReadOnlyList<Lease> Of(StreamKey thread) => _threads.TryGetValue(thread, out List<Lease>? leases) ? leases : [];

    public IReadOnlyCollection<Lease> HeldBy(string handle) => _held.TryGetValue(handle, out HashSet<Lease>? leases) ? leases : [];

    public Lease? Find(StreamKey thread, string runId) => _runs.TryGetValue((thread.Tenant, runId), out List<Lease>? leases) ? leases.Find(l => l.Thread == thread) : null;

    public Lease Get(StreamKey thread, string runId)
    {
        if (Find(thread, runId) is { } known)
        {
            return known;
        }

        var lease = new Lease(thread, runId);
        Add(_runs, (thread.Tenant, runId), lease);
        Add(_threads, thread, lease);
        return lease;
    }

    public void Hold(Lease lease, string? handle)
    {
        if (lease.Holder == handle)
        {
            return;
        }

        if (lease.Holder is { } before && _held.TryGetValue(before, out HashSet<Lease>? held) && held.Remove(lease) && held.Count == 0)
        {
            _held.Remove(before);
        }

        lease.Holder = handle;
        if (handle is not null)
        {
            if (!_held.TryGetValue(handle, out HashSet<Lease>? now))
            {
                _held[handle] = now = [];
            }

            now.Add(lease);
        }
    }

    public void Forget(StreamKey thread, string runId)
    {
        if (Find(thread, runId) is not { } lease)
        {
            return;
        }

        Hold(lease, null);
        Remove(_runs, (thread.Tenant, runId), lease);
        Remove(_threads, thread, lease);
    }

    private static void Add<TKey>(Dictionary<TKey, List<Lease>> index, TKey key, Lease lease)
        where TKey : notnull
    {
        if (!index.TryGetValue(key, out List<Lease>? leases))
        {
            index[key] = leases = [];
        }

        leases.Add(lease);
    }

    private static void Remove<TKey>(Dictionary<TKey, List<Lease>> index, TKey key, Lease lease)
        where TKey : notnull
    {
        if (index[key].Remove(lease) && index[key].Count == 0)
        {
            index.Remove(key);
        }
    }
}
