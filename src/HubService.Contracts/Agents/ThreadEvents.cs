using System.Text.Json.Nodes;

namespace HubService.Contracts.Agents;

/// <summary>A thread came to be; the envelope names it, and its owner as <c>user_id</c>.</summary>
/// <param name="Realm">When set, only members of this realm may come near.</param>
public sealed record ThreadCreated(string? Title = null, IReadOnlyList<string>? Members = null, JsonObject? Metadata = null, string? Realm = null);

/// <summary>What changed about a thread; absent fields did not.</summary>
public sealed record ThreadUpdated(string? Title = null, IReadOnlyList<string>? Members = null, JsonObject? Metadata = null);

/// <summary>The last event of a thread.</summary>
public sealed record ThreadDeleted(string? Title = null, IReadOnlyList<string>? Members = null, JsonObject? Metadata = null);
