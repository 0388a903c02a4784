using System.Text.Json;
using System.Text.Json.Nodes;

namespace HubService.Contracts.Agents;

/// <summary>An agent waits for a person, who answers with ProvideInput.</summary>
/// <param name="Schema">JSON Schema of the expected value.</param>
/// <param name="ExpiresAt">After this time the answer is no longer awaited, UTC.</param>
public sealed record InputRequested(string RequestId, string Prompt, JsonObject? Schema = null, DateTimeOffset? ExpiresAt = null) : IPayloadRule
{
    public (string Field, string Rule)? Violation() => Must.NotBeEmpty("request_id", RequestId);
}

/// <summary>The answer to an input_requested.</summary>
public sealed record InputProvided(string RequestId, JsonElement Value) : IPayloadRule
{
    public (string Field, string Rule)? Violation() => Must.NotBeEmpty("request_id", RequestId);
}
