using HubService.Contracts;

namespace HubService.Cluster;

/// <summary>How this node calls itself in answers and traces.</summary>
internal sealed record NodeName(string Name)
{
    /// <summary>A name that no other start has.</summary>
    public string Unique() => Ids.New($"{Name}.");
}
