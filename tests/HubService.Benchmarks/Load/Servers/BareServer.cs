using System.Globalization;

namespace HubService.Benchmarks.Load.Servers;

/// <summary>Bare SignalR, which the hub is compared with.</summary>
internal sealed class BareServer(string name, int nodes) : Server(name, Dialect.Bare, nodes, redis: nodes > 1)
{
    protected override ChildProcess Launch(int port, int node, string? redisAddress) =>
        ChildProcess.OfThisProgram(Name, [Verbs.Bare, port.ToString(CultureInfo.InvariantCulture), .. redisAddress is null ? [] : new[] { redisAddress }]);
}
