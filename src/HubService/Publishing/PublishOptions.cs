namespace HubService.Publishing;

/// <summary>Bound from <c>Publishing</c>.</summary>
internal sealed class PublishOptions
{
    /// <summary>The largest event, in bytes of JSON.</summary>
    public int MaxEventBytes { get; set; } = 64 * 1024;

    /// <summary>The most events in one publish.</summary>
    public int MaxBatchEvents { get; set; } = 500;

    /// <summary>The largest publish, in bytes of JSON; a request has at most 1,114,112.</summary>
    public int MaxBatchBytes { get; set; } = 1024 * 1024;

    /// <summary>The deepest nesting of an event, 1 to 32.</summary>
    public int MaxDepth { get; set; } = 32;

    /// <summary>How long a stream stays in memory after its last use.</summary>
    public TimeSpan IdleAfter { get; set; } = TimeSpan.FromMinutes(2);
}
