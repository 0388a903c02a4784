using System.Text.Json;

namespace HubService.Publishing;

/// <summary>What a projection reads from a payload, which publishers may fill with more than the contract says.</summary>
internal static class PayloadFields
{
    /// <summary>Null when the field is missing or no text.</summary>
    public static string? Text(this JsonElement payload, string name) =>
        payload.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    /// <summary>Null when the field is missing or no array; what is no text in it is left out.</summary>
    public static List<string>? Texts(this JsonElement payload, string name) =>
        payload.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.Array
            ? [.. value.EnumerateArray().Where(v => v.ValueKind == JsonValueKind.String).Select(v => v.GetString()!)]
            : null;

    /// <summary>Unix milliseconds; null when the field is missing or no time.</summary>
    public static long? Time(this JsonElement payload, string name) =>
        payload.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String && value.TryGetDateTimeOffset(out DateTimeOffset time)
            ? time.ToUnixTimeMilliseconds()
            : null;
}
