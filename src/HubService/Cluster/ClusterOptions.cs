namespace HubService.Cluster;

/// <summary>Bound from <c>Cluster</c>.</summary>
internal sealed class ClusterOptions
{
    /// <summary>How this node calls itself in answers, traces and to other nodes; the host's name when empty. Letters, digits, dots, underscores and hyphens, at most 64.</summary>
    public string Name { get; set; } = "";

    /// <summary>A node that nothing is heard of for this long is gone for the others.</summary>
    public TimeSpan NodeTimeout { get; set; } = TimeSpan.FromSeconds(4);
}
