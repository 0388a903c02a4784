using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace HubService.Contracts.Projects;

public sealed record ModelCandidates(IReadOnlyList<ModelCandidate> Models);

/// <summary>A model to choose from.</summary>
/// <param name="Why">Why it is a candidate, for a person to read.</param>
public sealed record ModelCandidate(string Id, string Name, string Family, string Why, JsonElement? Requirements = null);

public sealed record ModelSelected(string ModelId);

/// <summary>The models so far, in the pipeline's order.</summary>
public sealed record LeaderboardUpdated(IReadOnlyList<LeaderboardRow> Rows);

/// <param name="RuntimeS">Seconds.</param>
public sealed record LeaderboardRow(string Model, double Metric, JsonObject? Params = null, double? RuntimeS = null);

public sealed record BestModelUpdated(string RunId, string ModelId, MetricValue Metric);

/// <summary>A metric: on the wire a bare number, or <c>{name, split, value}</c>.</summary>
/// <param name="Name">Null for a bare number.</param>
[JsonConverter(typeof(MetricValueConverter))]
public sealed record MetricValue(double Value, string? Name = null, string? Split = null);

internal sealed class MetricValueConverter : JsonConverter<MetricValue>
{
    public override MetricValue Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType == JsonTokenType.Number)
        {
            return new MetricValue(Finite(reader.GetDouble()));
        }

        JsonElement json = JsonElement.ParseValue(ref reader);
        return json.ValueKind == JsonValueKind.Object
            && json.TryGetProperty("value", out JsonElement value) && value.ValueKind == JsonValueKind.Number
            && TryText(json, "name", out string? name) && TryText(json, "split", out string? split)
                ? new MetricValue(Finite(value.GetDouble()), name, split)
                : throw new RefusedValueException("must be a number or {name, split, value}");
    }

    public override void Write(Utf8JsonWriter writer, MetricValue value, JsonSerializerOptions options)
    {
        if (value is { Name: null, Split: null })
        {
            writer.WriteNumberValue(value.Value);
            return;
        }

        writer.WriteStartObject();
        if (value.Name is not null)
        {
            writer.WriteString("name", value.Name);
        }

        if (value.Split is not null)
        {
            writer.WriteString("split", value.Split);
        }

        writer.WriteNumber("value", value.Value);
        writer.WriteEndObject();
    }

    private static double Finite(double value) =>
        double.IsFinite(value) ? value : throw new RefusedValueException("must not be beyond a 64-bit float");

    private static bool TryText(JsonElement json, string field, out string? text)
    {
        text = null;
        if (!json.TryGetProperty(field, out JsonElement value) || value.ValueKind == JsonValueKind.Null)
        {
            return true;
        }

        text = value.ValueKind == JsonValueKind.String ? value.GetString() : null;
        return text is not null;
    }
}
