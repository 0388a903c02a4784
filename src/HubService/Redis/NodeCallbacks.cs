using System.Collections.Immutable;
using HubService.Cluster;

namespace HubService.Redis;

/// <summary>Who wants to know what changed among the nodes; told in order, one at a time.</summary>
internal sealed class NodeCallbacks(SerialWork work)
{
    private ImmutableArray<Action<NodesChanged>> _onChanged = [];
    private ImmutableArray<(string Topic, Action<string> Callback)> _onShared = [];

    public void OnChanged(Action<NodesChanged> callback) => ImmutableInterlocked.Update(ref _onChanged, static (all, one) => all.Add(one), callback);

    public void OnShared(string topic, Action<string> callback) => ImmutableInterlocked.Update(ref _onShared, static (all, one) => all.Add(one), (topic, callback));

    public void Call(TableChange change)
    {
        if (change.Nodes is { } nodes)
        {
            work.Add(() => Array.ForEach([.. _onChanged], callback => callback(nodes)));
        }

        foreach ((string topic, string node) in change.Shared)
        {
            work.Add(() => Array.ForEach([.. _onShared.Where(s => s.Topic == topic)], s => s.Callback(node)));
        }
    }
}
