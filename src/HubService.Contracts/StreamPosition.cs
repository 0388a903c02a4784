using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace HubService.Contracts;

/// <summary>
/// A place in a stream: everything up to and including <paramref name="Seq"/> of <paramref name="Epoch"/> has been seen.
/// As text <c>epoch:seq</c>, also the <c>id</c> of a server-sent event. An empty epoch with seq 0 is the very beginning.
/// </summary>
[JsonConverter(typeof(StreamPositionConverter))]
public readonly record struct StreamPosition(string Epoch, long Seq)
{
    /// <summary>Before the first event, whatever the epoch.</summary>
    public static readonly StreamPosition Start = new("", 0);

    public static bool TryParse(string? text, out StreamPosition position)
    {
        position = default;
        int colon = text is null ? -1 : text.LastIndexOf(':');
        if (colon < 0 || text!.Length > 160
            || !long.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out long seq)
            || !(colon == 0 || Ids.IsValid(text[..colon])))
        {
            return false;
        }

        position = new StreamPosition(text[..colon], seq);
        return true;
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Epoch}:{Seq}");
}

internal sealed class StreamPositionConverter : JsonConverter<StreamPosition>
{
    public override StreamPosition Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        StreamPosition.TryParse(reader.GetString(), out StreamPosition p) ? p : throw new JsonException("A position is text of the form epoch:seq.");

    public override void Write(Utf8JsonWriter writer, StreamPosition value, JsonSerializerOptions options) => writer.WriteStringValue(value.ToString());
}
