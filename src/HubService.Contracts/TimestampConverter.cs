using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace HubService.Contracts;

/// <summary>Times as ISO 8601 in UTC with exactly milliseconds and <c>Z</c>; reads any offset, and UTC where none is given.</summary>
internal sealed class TimestampConverter : JsonConverter<DateTimeOffset>
{
    public override DateTimeOffset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType != JsonTokenType.String || !reader.TryGetDateTime(out DateTime time))
        {
            throw new RefusedValueException("must be an ISO 8601 time");
        }

        // Without an offset the machine's own zone would decide.
        return time.Kind == DateTimeKind.Unspecified ? new DateTimeOffset(time, TimeSpan.Zero) : reader.GetDateTimeOffset();
    }

    public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value.ToUniversalTime().ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture));
}
