using System.Text;
using System.Text.Unicode;
using HubService.Wire;

namespace HubService.Tests.Wire;

public class Utf8TextTests
{
    /// <summary>The edges of every range (Unicode, table 3-7), and what lies just beyond them.</summary>
    private static readonly byte[][] _edges =
    [
        [], [0], [0x7f], [0x80], [0xbf], [0xc0, 0x80], [0xc1, 0xbf], [0xc2, 0x80], [0xdf, 0xbf], [0xc2], [0xc2, 0x41], [0xc2, 0xc2],
        [0xe0, 0x9f, 0xbf], [0xe0, 0xa0, 0x80], [0xed, 0x9f, 0xbf], [0xed, 0xa0, 0x80], [0xed, 0xbf, 0xbf], [0xee, 0x80, 0x80], [0xef, 0xbf, 0xbf], [0xe1, 0x80], [0xe1],
        [0xf0, 0x8f, 0xbf, 0xbf], [0xf0, 0x90, 0x80, 0x80], [0xf4, 0x8f, 0xbf, 0xbf], [0xf4, 0x90, 0x80, 0x80], [0xf5, 0x80, 0x80, 0x80], [0xf0, 0x90, 0x80], [0xf0, 0x90], [0xf0],
        [0xf8, 0x88, 0x80, 0x80, 0x80], [0xff], [0xfe], [0x61, 0xf0, 0x9f, 0x98, 0x80, 0x62], [0xf0, 0x9f, 0x98, 0xf0, 0x9f, 0x98, 0x80],
    ];

    [Fact]
    public void Edges_are_told_wherever_they_are_cut() => Assert.All(_edges, TellsEverywhere);

    [Fact]
    public void Random_texts_are_told_wherever_they_are_cut()
    {
        var random = new Random(11);
        int valid = 0;
        for (int i = 0; i < 20_000; i++)
        {
            byte[] text = Random(random);
            valid += Utf8.IsValid(text) ? 1 : 0;
            Assert.Equal(Utf8.IsValid(text), Tell(text, Enumerable.Range(1, random.Next(6)).Select(_ => random.Next(text.Length + 1)).Order()));
        }

        Assert.InRange(valid, 5_000, 18_000);
    }

    [Fact]
    public void What_can_become_no_character_any_more_is_told_before_the_text_ends()
    {
        foreach (byte[] text in (byte[][])[[0xff], [0xc0], [0xe0, 0x9f], [0xed, 0xa0], [0xf4, 0x90], [0xe1, 0x80, 0x41]])
        {
            Utf8Text state = default;
            Assert.False(state.TryTake(text, isLast: false));
            state = default;
            Assert.Contains(text, b => !state.TryTake([b], isLast: false));
        }
    }

    private static byte[] Random(Random random)
    {
        StringBuilder text = new();
        for (int i = random.Next(1, 12); i > 0; i--)
        {
            int scalar = random.Next(4) switch { 0 => random.Next(0x80), 1 => random.Next(0x80, 0x800), 2 => random.Next(0x800, 0xd800), _ => random.Next(0x10000, 0x110000) };
            text.Append(new Rune(scalar));
        }

        byte[] bytes = Encoding.UTF8.GetBytes(text.ToString());
        if (random.Next(2) == 0)
        {
            bytes[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));
        }

        return random.Next(8) == 0 ? bytes[..^1] : bytes;
    }

    private static void TellsEverywhere(byte[] text)
    {
        for (int first = 0; first <= text.Length; first++)
        {
            for (int second = first; second <= text.Length; second++)
            {
                Assert.Equal(Utf8.IsValid(text), Tell(text, [first, second]));
            }
        }

        Assert.Equal(Utf8.IsValid(text), Tell(text, Enumerable.Range(0, text.Length)));
    }

    private static bool Tell(byte[] text, IEnumerable<int> cuts)
    {
        Utf8Text state = default;
        int done = 0;
        foreach (int cut in cuts)
        {
            if (!state.TryTake(text.AsSpan(done, cut - done), isLast: false))
            {
                return false;
            }

            done = cut;
        }

        return state.TryTake(text.AsSpan(done), isLast: true);
    }
}
