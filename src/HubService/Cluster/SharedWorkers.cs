using System.Text.Json.Serialization.Metadata;

namespace HubService.Cluster;

/// <summary>The connected workers of one kind on every node, by handle; those of a node that died are gone with it.</summary>
internal sealed class SharedWorkers<TWorker>(ICluster cluster, string topic, JsonTypeInfo<TWorker[]> type)
    where TWorker : class, IWorker
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, TWorker> _here = new(StringComparer.Ordinal);
    private readonly SharedFacts<TWorker[]> _shared = new(cluster, topic, type);

    public void Register(TWorker worker)
    {
        lock (_gate)
        {
            _here[worker.Handle] = worker;
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

    /// <summary>Calls back with the handles of another node's workers after they changed.</summary>
    public void OnChanged(Action<IReadOnlyList<string>> callback) => _shared.OnShared(node =>
        callback([.. _shared.OfOthers().Where(n => n.Key == node).SelectMany(n => n.Value).Select(w => w.Handle)]));

    public TWorker? Find(string handle)
    {
        lock (_gate)
        {
            if (_here.TryGetValue(handle, out TWorker? worker))
            {
                return worker;
            }
        }

        return _shared.OfOthers().SelectMany(n => n.Value).FirstOrDefault(w => w.Handle == handle);
    }

    /// <summary>Those of this node before the others.</summary>
    public IReadOnlyList<TWorker> All()
    {
        List<TWorker> all;
        lock (_gate)
        {
            all = [.. _here.Values];
        }

        all.AddRange(_shared.OfOthers().SelectMany(n => n.Value));
        return all;
    }

    private void ShareUnsynchronized() => _shared.Share(_here.Count > 0 ? [.. _here.Values] : null);
}

/// <summary>A worker as nodes tell each other of it.</summary>
internal interface IWorker
{
    /// <summary>The handle of its connection.</summary>
    string Handle { get; }
}
