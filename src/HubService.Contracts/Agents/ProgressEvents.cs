using HubService.Contracts.Schema.Rules;

namespace HubService.Contracts.Agents;

/// <summary>How far something is.</summary>
/// <param name="Progress">0 to 1.</param>
public sealed record ProgressUpdate([Share] double Progress, string? Message = null);

/// <summary>What state something is in, in the product's own words.</summary>
public sealed record StatusUpdate([NotEmpty] string Status, string? Message = null);
