namespace HubService.Wire;

/// <summary>Marks an endpoint whose WebSockets are read by <see cref="DirectReader"/>, not by themselves.</summary>
internal sealed class DirectMetadata
{
    public static DirectMetadata Instance { get; } = new();
}
