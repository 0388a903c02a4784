namespace HubService.Cluster;

/// <summary>Numbers that every node keeps its own share of, under names. Implementations: <see cref="OwnCounts"/>, Redis.</summary>
internal interface ISharedCounts
{
    /// <summary>
    /// Sets this node's share and gives the sum over all living nodes; null when that cannot be known soon. Of several calls for
    /// one name the last one holds.
    /// </summary>
    Task<long?> SetAsync(string name, int own);
}

/// <summary>For a service of one node, whose share is all there is.</summary>
internal sealed class OwnCounts : ISharedCounts
{
    public Task<long?> SetAsync(string name, int own) => Task.FromResult<long?>(own);
}
