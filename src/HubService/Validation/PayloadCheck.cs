using System.Text.Json;
using HubService.Contracts;
using HubService.Contracts.Schema;

namespace HubService.Validation;

/// <summary>Checks a payload against its record: required fields, types, ranges, depth; the answer names the field.</summary>
internal static class PayloadCheck
{
    public static HubError? Violation(EventDefinition definition, JsonElement payload)
    {
        foreach (string field in definition.RequiredFields)
        {
            if (!payload.TryGetProperty(field, out JsonElement value) || value.ValueKind == JsonValueKind.Null)
            {
                return HubError.Invalid($"payload.{field}", "is missing.");
            }
        }

        try
        {
            object? read = payload.Deserialize(definition.PayloadInfo);
            return read is IPayloadRule rule && rule.Violation() is { } violation
                ? HubError.Invalid($"payload.{violation.Field}", violation.Rule)
                : null;
        }
        catch (JsonException e) when (e.Message.Contains("depth", StringComparison.OrdinalIgnoreCase))
        {
            return new HubError(ErrorCodes.NestingTooDeep, "payload: more than 32 levels.").With("field", "payload");
        }
        catch (JsonException e)
        {
            string path = e.Path is { Length: > 2 } p ? $"payload.{p[2..]}" : "payload";
            return HubError.Invalid(path, "has the wrong type or an unknown value.");
        }
        catch (InvalidOperationException)
        {
            return HubError.Invalid("payload", "holds text that is not valid UTF-16.");
        }
    }
}
