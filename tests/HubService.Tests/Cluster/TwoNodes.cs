using HubService.Cluster;
using HubService.Publishing;
using HubService.Streams;

namespace HubService.Tests.Cluster;

/// <summary>Two whole services, A and B, over one log and one network of nodes.</summary>
internal sealed class TwoNodes : IAsyncDisposable
{
    public SharedLog Log { get; } = new();

    public TestCluster Net { get; } = new();

    public HubHost A { get; private set; } = null!;

    public HubHost B { get; private set; } = null!;

    public TestNode NodeA { get; private set; } = null!;

    public TestNode NodeB { get; private set; } = null!;

    public OpenStreams StreamsA => A.Services.GetRequiredService<OpenStreams>();

    public OpenStreams StreamsB => B.Services.GetRequiredService<OpenStreams>();

    public static async Task<TwoNodes> StartAsync(params (string, string)[] settings)
    {
        TwoNodes nodes = new();
        nodes.NodeA = nodes.Net.Join("a");
        nodes.NodeB = nodes.Net.Join("b");
        nodes.A = await nodes.StartAsync(nodes.NodeA, settings);
        nodes.B = await nodes.StartAsync(nodes.NodeB, settings);
        return nodes;
    }

    /// <summary>A stream of which the node is the keeper, while both live.</summary>
    public static StreamKey KeptBy(TestNode node, string kind, string tenant = "default") =>
        Enumerable.Range(0, 1_000).Select(i => new StreamKey(tenant, kind, $"{kind}-{i}")).First(s => new Keepers(node).IsMine(s));

    /// <summary>The host of a killed node is left to run: it is cut off, and harms nobody.</summary>
    public async ValueTask DisposeAsync()
    {
        await A.DisposeAsync();
        await B.DisposeAsync();
    }

    private Task<HubHost> StartAsync(TestNode node, (string, string)[] settings) => HubHost.StartAsync(
        builder =>
        {
            builder.Services.AddSingleton<IEventLog>(Log);
            builder.Services.AddSingleton<ICluster>(node);
        },
        settings);
}
