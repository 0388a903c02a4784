namespace HubService.Cluster.Tests.Rig;

/// <summary>A client went from a node that said that it stops to another one.</summary>
/// <param name="Within">How long the node gave it.</param>
/// <param name="After">How long it took, from when it was told until it was connected again.</param>
internal sealed record Move(TimeSpan Within, TimeSpan After);
