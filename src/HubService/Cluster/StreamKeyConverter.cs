using System.Text.Json;
using System.Text.Json.Serialization;
using HubService.Streams;

namespace HubService.Cluster;

/// <summary>Writes a stream as its group, between nodes.</summary>
internal sealed class StreamKeyConverter : JsonConverter<StreamKey>
{
    public override StreamKey Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        StreamKey.TryParseGroup(reader.GetString() ?? "", out StreamKey stream) ? stream : throw new JsonException("No stream has this name.");

    public override void Write(Utf8JsonWriter writer, StreamKey value, JsonSerializerOptions options) => writer.WriteStringValue(value.Group);
}
