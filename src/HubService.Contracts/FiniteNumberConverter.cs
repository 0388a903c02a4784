using System.Text.Json;
using System.Text.Json.Serialization;

namespace HubService.Contracts;

/// <summary>Refuses numbers beyond a double such as <c>1e999</c>: they would be read as infinity, which cannot be written again.</summary>
internal sealed class FiniteNumberConverter : JsonConverter<double>
{
    public override double Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        double value = reader.GetDouble();
        return double.IsFinite(value) ? value : throw new RefusedValueException("must not be beyond a 64-bit float");
    }

    public override void Write(Utf8JsonWriter writer, double value, JsonSerializerOptions options) => writer.WriteNumberValue(value);
}
