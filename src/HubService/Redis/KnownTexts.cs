using System.Text;

namespace HubService.Redis;

/// <summary>Texts that come again and again as UTF-8, each made once; a text that takes another one's place costs what it always did. For any thread.</summary>
internal sealed class KnownTexts(int places)
{
    private readonly Known?[] _places = new Known?[places];

    public string GetOrAdd(ReadOnlySpan<byte> utf8)
    {
        ref Known? place = ref _places[_places.Length == 1 ? 0 : Hash(utf8) % _places.Length];
        if (Volatile.Read(ref place) is { } known && utf8.SequenceEqual(known.Utf8))
        {
            return known.Text;
        }

        string text = Encoding.UTF8.GetString(utf8);
        Volatile.Write(ref place, new Known(utf8.ToArray(), text));
        return text;
    }

    private static uint Hash(ReadOnlySpan<byte> bytes)
    {
        uint hash = 2_166_136_261;
        foreach (byte b in bytes)
        {
            hash = (hash ^ b) * 16_777_619;
        }

        return hash;
    }

    /// <summary>Both in one object, so that no thread sees one without the other.</summary>
    private sealed record Known(byte[] Utf8, string Text);
}
