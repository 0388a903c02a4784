using System.Globalization;

namespace HubService.Cluster.Tests.Rig;

/// <summary>What nodes hold of their machine, all together.</summary>
/// <param name="Heap">Bytes that their objects take, after a collection of garbage.</param>
/// <param name="Memory">Resident bytes.</param>
/// <param name="Handles">Open files and sockets.</param>
internal sealed record Footprint(long Heap, long Memory, int Handles, long Threads)
{
    private const string Collections = "dotnet_gc_collections_total";
    private const string HeapSize = "dotnet_gc_last_collection_heap_size_bytes";
    private const string Fragments = "dotnet_gc_last_collection_heap_fragmentation_size_bytes";

    private const string Oldest = "\"gen2\"";

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    public static async Task<Footprint> OfAsync(IReadOnlyList<HubNode> nodes)
    {
        long heap = 0;
        foreach (HubNode node in nodes)
        {
            heap += await HeapAsync(node);
        }

        return new Footprint(heap, nodes.Sum(n => n.Memory), nodes.Sum(n => n.Handles), nodes.Sum(n => n.Threads));
    }

    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"heap {Heap / 1024.0 / 1024:0.0} MB, resident {Memory >> 20} MB, {Handles} handles, {Threads} threads");

    /// <summary>After two collections: what the first one finds to be finalised goes with the second.</summary>
    private static async Task<long> HeapAsync(HubNode node)
    {
        for (int i = 0; i < 2; i++)
        {
            double before = await node.MetricAsync(Collections, Oldest);
            await Garbage.CollectAsync(node.Process);
            await Waiting.UntilAsync("garbage is collected", Limit, async () => await node.MetricAsync(Collections, Oldest) > before);
        }

        return (long)(await node.MetricAsync(HeapSize) - await node.MetricAsync(Fragments));
    }
}
