using System.Collections.Concurrent;
using System.Text.Json;
using HubService.Cluster;
using HubService.Streams;

namespace HubService.Agents;

/// <summary>
/// Who publishes each run, told by the thread's keeper to the node that would keep it next: when a node dies that was both keeper
/// and the publisher's node, nobody else is left to know that the run's connection went with it.
/// </summary>
internal sealed class DeputyNotes(ICluster cluster, Keepers keepers, Handles handles)
{
    private const string Topic = "agents.deputy";

    /// <summary>Stands for a connection that has gone away.</summary>
    private const string Nobody = "";

    private readonly ConcurrentDictionary<(StreamKey Thread, string RunId), string> _holders = new();

    /// <summary>Hears keepers. Called once, before the cluster starts.</summary>
    public void Listen() => cluster.Handle(Topic, message =>
    {
        RunHolders holders = JsonSerializer.Deserialize(message.Span, AgentNodesJson.Default.RunHolders)!;
        foreach (RunHolder run in holders.Runs)
        {
            if (run.Handle is { } holder)
            {
                _holders[(holders.Thread, run.RunId)] = holder;
            }
            else
            {
                _holders.TryRemove((holders.Thread, run.RunId), out _);
            }
        }

        return Task.FromResult(ReadOnlyMemory<byte>.Empty);
    });

    /// <summary>The connection that published the run; empty when it had gone away, null when the run was published over HTTP or nothing is known.</summary>
    public string? HolderOf(StreamKey thread, string runId) => _holders.GetValueOrDefault((thread, runId));

    /// <summary>Tells the deputy who publishes a run now.</summary>
    public void Held(Lease lease) => Tell(lease, lease.Holder ?? Nobody);

    /// <summary>Tells the deputy that there is nothing to know of a run any more.</summary>
    public void Ended(Lease lease) => Tell(lease, null);

    /// <summary>Forgets the runs of threads for which this node is not the deputy any more.</summary>
    public void Prune()
    {
        foreach ((StreamKey Thread, string RunId) run in _holders.Keys.Where(r => keepers.DeputyOf(r.Thread) != cluster.Self))
        {
            _holders.TryRemove(run, out _);
        }
    }

    private void Tell(Lease lease, string? holder)
    {
        if (handles.AreShared && keepers.IsMine(lease.Thread) && keepers.DeputyOf(lease.Thread) is { } deputy)
        {
            var holders = new RunHolders(lease.Thread, [new RunHolder(lease.RunId, holder)]);
            cluster.Tell(deputy, Topic, JsonSerializer.SerializeToUtf8Bytes(holders, AgentNodesJson.Default.RunHolders));
        }
    }
}
