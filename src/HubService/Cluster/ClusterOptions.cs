namespace HubService.Cluster;

/// <summary>Bound from <c>Cluster</c>.</summary>
internal sealed class ClusterOptions
{
    /// <summary>How this node calls itself in answers, traces and to other nodes; the host's name when empty. Letters, digits, dots and hyphens.</summary>
    public string Name { get; set; } = "";
}
