using System.Text.Json;
using System.Text.Json.Nodes;

namespace HubService.Contracts.Agents;

/// <summary>An agent waits for a person, who answers with ProvideInput.</summary>
/// <param name="Schema">JSON Schema of the expected value. Advice for the form: the hub takes any value, the agent checks it.</param>
/// <param name="ExpiresAt">After this time the answer is no longer awaited, UTC; the hub then closes the request.</param>
public sealed record InputRequested(string RequestId, string Prompt, JsonObject? Schema = null, DateTimeOffset? ExpiresAt = null) : IPayloadRule
{
    public (string Field, string Rule)? Violation() => Must.NotBeEmpty("request_id", RequestId);
}

/// <summary>The answer to an input_requested, or its end without one.</summary>
/// <param name="Expired">True when nobody answered in time; the value is null then.</param>
public sealed record InputProvided(string RequestId, JsonElement Value, bool? Expired = null) : IPayloadRule
{
    /// <summary>The end of a request that nobody answered in time: a null value, <c>expired</c> true.</summary>
    public static InputProvided Unanswered(string requestId) => new(requestId, JsonElement.Parse("null"u8), Expired: true);

    public (string Field, string Rule)? Violation() => Must.NotBeEmpty("request_id", RequestId);
}
