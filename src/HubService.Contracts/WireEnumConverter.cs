using System.Collections.Frozen;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace HubService.Contracts;

/// <summary>
/// An enum as its exact snake_case name. Stricter than <see cref="JsonStringEnumConverter"/>, which also takes other
/// casing: the hub forwards what it was given, so what it accepts is what every client has to read.
/// </summary>
internal sealed class WireEnumConverter<T> : JsonConverter<T>
    where T : struct, Enum
{
    private static readonly FrozenDictionary<string, T> Values =
        Enum.GetValues<T>().ToFrozenDictionary(v => JsonNamingPolicy.SnakeCaseLower.ConvertName(v.ToString()), StringComparer.Ordinal);

    public override T Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.String && Values.TryGetValue(reader.GetString()!, out T value)
            ? value
            : throw new RefusedValueException($"must be one of {string.Join(", ", Values.Keys.Order(StringComparer.Ordinal))}");

    public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options) =>
        writer.WriteStringValue(JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString()));
}

/// <summary>A value that its converter refused; the message is the rule and may be shown to the sender.</summary>
internal sealed class RefusedValueException(string rule) : JsonException(rule);
