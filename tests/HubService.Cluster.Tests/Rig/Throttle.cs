namespace HubService.Cluster.Tests.Rig;

/// <summary>Gives a node a twentieth of one processor: by a control group where that can be had, else by stopping it the rest of the time.</summary>
internal sealed class Throttle : IAsyncDisposable
{
    private const double Share = 0.05;
    private const int SliceMs = 100;

    private readonly CpuGroup? _group;
    private readonly Load? _slices;

    public Throttle(HubNode node)
    {
        _group = CpuGroup.TryLimit(node.Process, Share);
        _slices = _group is null ? new Load(until => SliceAsync(node, until)) : null;
    }

    public override string ToString() => _group is null ? "stopped and continued" : $"held back for {_group.Held.TotalMilliseconds:0} ms by its control group";

    public async ValueTask DisposeAsync()
    {
        _group?.Dispose();
        if (_slices is not null)
        {
            await _slices.DisposeAsync();
        }
    }

    private static async Task SliceAsync(HubNode node, CancellationToken until)
    {
        while (!until.IsCancellationRequested)
        {
            node.Freeze();
            await Waiting.PauseAsync(TimeSpan.FromMilliseconds(SliceMs * (1 - Share)), CancellationToken.None);
            node.Thaw();
            await Waiting.PauseAsync(TimeSpan.FromMilliseconds(SliceMs * Share), CancellationToken.None);
        }
    }
}
