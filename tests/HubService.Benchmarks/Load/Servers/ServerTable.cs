using HubService.Benchmarks.Load.Scenarios;

namespace HubService.Benchmarks.Load.Servers;

/// <summary>The servers that there are, by what they are compared in. The first of each set is the one that ratios are of.</summary>
internal static class ServerTable
{
    /// <summary>Those of the sets, none of them started.</summary>
    public static IReadOnlyList<Server> Create(IReadOnlyCollection<ServerSet> sets, LoadOptions options)
    {
        List<Server> servers = [];
        if (sets.Contains(ServerSet.OneNode))
        {
            servers.Add(new BareServer("bare", nodes: 1));
        }

        if (sets.Contains(ServerSet.OneNode) || sets.Contains(ServerSet.HubAlone))
        {
            servers.AddRange(Hubs("hub", nodes: 1, redis: false, options));
        }

        if (sets.Contains(ServerSet.HubAlone))
        {
            servers.AddRange(Hubs("hub-redis", nodes: 1, redis: true, options));
        }

        if (sets.Contains(ServerSet.TwoNodes))
        {
            servers.Add(new BareServer("bare2", nodes: 2));
            servers.AddRange(Hubs("hub2", nodes: 2, redis: true, options));
        }

        return [.. servers.Where(s => options.Servers?.Contains(s.Name) ?? true)];
    }

    public static IEnumerable<Server> For(ServerSet set, IEnumerable<Server> servers) => servers.Where(s => set switch
    {
        ServerSet.OneNode => s.Nodes == 1 && !s.HasRedis,
        ServerSet.TwoNodes => s.Nodes == 2,
        _ => s.Nodes == 1 && s is HubServer,
    });

    /// <summary>The hub as it is, and with the settings of each variant.</summary>
    private static IEnumerable<Server> Hubs(string name, int nodes, bool redis, LoadOptions options) =>
    [
        new HubServer(name, nodes, redis, options.Hub, []),
        .. options.Variants.Select(v => new HubServer($"{name}-{v.Key}", nodes, redis, options.Hub, v.Value)),
    ];
}
