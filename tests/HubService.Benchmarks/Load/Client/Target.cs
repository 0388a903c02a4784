namespace HubService.Benchmarks.Load.Client;

/// <summary>What the client is told of the servers under load.</summary>
/// <param name="Dialect">The name of a <see cref="Load.Dialect"/>.</param>
/// <param name="PublishPort">The node that publishers connect to.</param>
/// <param name="SubscribePort">The node that subscribers connect to.</param>
/// <param name="Token">Null: none is asked for.</param>
/// <param name="Processes">The servers, by process id.</param>
internal sealed record Target(string Dialect, int PublishPort, int SubscribePort, string? Token, int[] Processes, int[] RedisProcesses)
{
    public Endpoint Publish => new(PublishPort, Load.Dialect.Named(Dialect).Path, Token);

    public Endpoint Subscribe => new(SubscribePort, Load.Dialect.Named(Dialect).Path, Token);
}
