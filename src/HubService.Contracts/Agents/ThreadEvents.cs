using System.Text.Json.Nodes;

namespace HubService.Contracts.Agents;

/// <summary>A thread came to be; the envelope names it.</summary>
public sealed record ThreadCreated(string? Title = null, IReadOnlyList<string>? Members = null, JsonObject? Metadata = null);

/// <summary>What changed about a thread; absent fields did not.</summary>
public sealed record ThreadUpdated(string? Title = null, IReadOnlyList<string>? Members = null, JsonObject? Metadata = null);

/// <summary>The last event of a thread.</summary>
public sealed record ThreadDeleted(string? Title = null, IReadOnlyList<string>? Members = null, JsonObject? Metadata = null);
