using System.Text.Json.Nodes;

namespace HubService.Contracts.Schema.Rules;

/// <summary>
/// An event as a publisher sends it. Besides the fields of the record it may repeat the contract's version and the stream it is
/// published to; whatever else stands in it is refused.
/// </summary>
/// <param name="stream">The field that repeats the stream, e.g. <c>thread_id</c>.</param>
/// <param name="text">What the schema says of that field.</param>
internal sealed class DraftAttribute(string stream, string text) : RecordRuleAttribute
{
    /// <summary>Always null: what a record cannot hold the service has to see in the JSON.</summary>
    public override (string Field, string Rule)? Violation(Func<string, object?> valueOf) => null;

    public override void Describe(JsonObject schema)
    {
        JsonObject properties = (JsonObject)schema["properties"]!;
        properties["v"] = new JsonObject { ["const"] = ContractVersion.Wire };
        properties[stream] = new JsonObject { ["type"] = "string", ["pattern"] = $"^{IdTextAttribute.Pattern}$", ["description"] = text };
        schema["additionalProperties"] = false;
    }
}
