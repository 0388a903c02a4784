using System.Text;
using System.Text.Json;

namespace HubService.Tests.MessagePack;

/// <summary>JSON texts from a seed: every kind of value, numbers and texts of every width, containers on both sides of each limit of MessagePack.</summary>
internal sealed class RandomJson(int seed)
{
    private static readonly int[] Lengths = [0, 1, 2, 15, 16, 31, 32, 255, 256];

    private readonly Random _random = new(seed);

    public byte[] Next()
    {
        using var bytes = new MemoryStream();
        // The default encoder escapes all beyond ASCII, so that escapes are read too.
        using (var json = new Utf8JsonWriter(bytes, new JsonWriterOptions { Encoder = _random.Next(2) == 0 ? null : System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            Value(json, depth: 0);
        }

        return bytes.ToArray();
    }

    private void Value(Utf8JsonWriter json, int depth)
    {
        switch (_random.Next(depth < 6 ? 9 : 7))
        {
            case 0: json.WriteNullValue(); break;
            case 1: json.WriteBooleanValue(_random.Next(2) == 0); break;
            case 2: json.WriteNumberValue(_random.NextInt64(long.MinValue, long.MaxValue) >> _random.Next(64)); break;
            case 3: json.WriteNumberValue(unchecked((ulong)_random.NextInt64(long.MinValue, long.MaxValue)) >> _random.Next(64)); break;
            case 4: json.WriteNumberValue(Finite()); break;
            case 5 or 6: json.WriteStringValue(Text(Length())); break;
            case 7:
                json.WriteStartArray();
                for (int i = Items(depth); i > 0; i--)
                {
                    Value(json, depth + 1);
                }

                json.WriteEndArray();
                break;
            default:
                json.WriteStartObject();
                for (int i = Items(depth); i > 0; i--)
                {
                    json.WritePropertyName($"{i}{Text(_random.Next(8))}");
                    Value(json, depth + 1);
                }

                json.WriteEndObject();
                break;
        }
    }

    private int Length() => Lengths[_random.Next(Lengths.Length)];

    // Wide only where it is shallow.
    private int Items(int depth) => depth == 0 ? Length() : _random.Next(5);

    private double Finite()
    {
        double value = _random.Next(2) == 0 ? _random.NextDouble() * 1000 : BitConverter.Int64BitsToDouble(_random.NextInt64(long.MinValue, long.MaxValue));
        return double.IsFinite(value) ? value : 0.5;
    }

    private string Text(int characters)
    {
        var text = new StringBuilder();
        while (characters-- > 0)
        {
            int value = _random.Next(4) switch { 0 => _random.Next(0x80), 1 => _random.Next(0x800), 2 => _random.Next(0x10000), _ => _random.Next(0x110000) };
            text.Append(Rune.TryCreate(value, out Rune rune) ? rune.ToString() : "\\");
        }

        return text.ToString();
    }
}
