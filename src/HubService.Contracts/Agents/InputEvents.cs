using System.Text.Json;
using System.Text.Json.Nodes;
using HubService.Contracts.Schema.Rules;

namespace HubService.Contracts.Agents;

/// <summary>An agent waits for a person, who answers with ProvideInput.</summary>
/// <param name="Schema">JSON Schema of the expected value. Advice for the form: the hub takes any value, the agent checks it.</param>
/// <param name="ExpiresAt">After this time the answer is no longer awaited, UTC; the hub then closes the request.</param>
public sealed record InputRequested([NotEmpty] string RequestId, string Prompt, JsonObject? Schema = null, DateTimeOffset? ExpiresAt = null);

/// <summary>The answer to an input_requested, or its end without one.</summary>
/// <param name="Expired">True when nobody answered in time; the value is null then.</param>
public sealed record InputProvided([NotEmpty] string RequestId, JsonElement Value, bool? Expired = null)
{
    /// <summary>The end of a request that nobody answered in time: a null value, <c>expired</c> true.</summary>
    public static InputProvided Unanswered(string requestId) => new(requestId, JsonElement.Parse("null"u8), Expired: true);
}
