using System.Text.Json;
using HubService.Contracts;

namespace HubService.Validation;

/// <summary>
/// The project events that pipelines add to the contract, bound from <c>Projects</c>: by name, the type of each payload
/// field, e.g. <c>Projects:Events:MY_EVENT:loss = "number"</c>; a <c>?</c> behind the type makes the field optional.
/// </summary>
internal sealed class AdditionalEvents
{
    private static readonly string[] Types = ["string", "number", "integer", "boolean", "object", "array", "any"];

    /// <summary>
    /// Events that pipelines add to the contract: by event name and payload field, the field's type, one of <c>string</c>,
    /// <c>number</c>, <c>integer</c>, <c>boolean</c>, <c>object</c>, <c>array</c>, <c>any</c>, with <c>?</c> when optional. Further
    /// fields are kept, as everywhere.
    /// </summary>
    public IDictionary<string, IDictionary<string, string>?> Events { get; } = new Dictionary<string, IDictionary<string, string>?>(StringComparer.Ordinal);

    /// <summary>Are the names in UPPER_SNAKE_CASE and not those of the contract, and the types known?</summary>
    internal bool IsValid() => Events.All(e => IsName(e.Key) && !Contracts.Schema.ContractCatalog.Projects.TryGet(e.Key, out _)
        && (e.Value?.Values.All(t => Types.Contains(t.TrimEnd('?'), StringComparer.Ordinal)) ?? true));

    internal static string Rule => $"Projects:Events: a name is UPPER_SNAKE_CASE and not of the contract; a field is one of {string.Join(", ", Types)}, with ? when optional.";

    /// <summary>Null when the payload fits its event; the error names the field.</summary>
    internal HubError? Check(string name, JsonElement payload)
    {
        foreach ((string field, string type) in Events[name] ?? new Dictionary<string, string>())
        {
            bool optional = type.EndsWith('?');
            if (!payload.TryGetProperty(field, out JsonElement value) || (optional && value.ValueKind == JsonValueKind.Null))
            {
                if (!optional)
                {
                    return HubError.Invalid($"payload.{field}", "is required");
                }
            }
            else if (!Fits(type.TrimEnd('?'), value))
            {
                return HubError.Invalid($"payload.{field}", $"must be of type {type.TrimEnd('?')}");
            }
        }

        return null;
    }

    private static bool Fits(string type, JsonElement value) => type switch
    {
        "string" => value.ValueKind == JsonValueKind.String,
        "number" => value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out double number) && double.IsFinite(number),
        "integer" => value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out _),
        "boolean" => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
        "object" => value.ValueKind == JsonValueKind.Object,
        "array" => value.ValueKind == JsonValueKind.Array,
        _ => true,
    };

    private static bool IsName(string name) =>
        name.Length is > 0 and <= 64 && char.IsAsciiLetterUpper(name[0]) && name.All(c => char.IsAsciiLetterUpper(c) || char.IsAsciiDigit(c) || c == '_');
}
