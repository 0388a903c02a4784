namespace HubService.Contracts.Agents;

/// <summary>How far something is.</summary>
/// <param name="Progress">0 to 1.</param>
public sealed record ProgressUpdate(double Progress, string? Message = null) : IPayloadRule
{
    public (string Field, string Rule)? Violation() => Must.BeShare("progress", Progress);
}

/// <summary>What state something is in, in the product's own words.</summary>
public sealed record StatusUpdate(string Status, string? Message = null) : IPayloadRule
{
    public (string Field, string Rule)? Violation() => Must.NotBeEmpty("status", Status);
}
