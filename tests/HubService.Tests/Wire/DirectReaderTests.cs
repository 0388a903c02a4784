using System.Text;

namespace HubService.Tests.Wire;

/// <summary>Whatever a client sends is heard and answered as .NET's own WebSocket does it.</summary>
public sealed class DirectReaderTests : IDisposable
{
    private const byte Final = ClientFrames.Final;

    private readonly FrameTalk _talk = new();

    /// <summary>A name, the bytes, and how the connection closes: null without a goodbye.</summary>
    public static TheoryData<string, byte[], int?> Talks => new()
    {
        { "nothing", [], null },
        { "a goodbye", ClientFrames.Goodbye(1000), 1000 },
        { "a goodbye without a code", ClientFrames.Frame(Final | 8, []), 1000 },
        { "a message and an end", ClientFrames.Text("abc"), null },
        { "a message and a goodbye", [.. ClientFrames.Text("abc"), .. ClientFrames.Goodbye(1001)], 1000 },
        { "messages after a goodbye", [.. ClientFrames.Text("abc"), .. ClientFrames.Goodbye(1000), .. ClientFrames.Text("def"), .. ClientFrames.Goodbye(1000)], 1000 },
        { "pings and a pong", [.. ClientFrames.Frame(Final | 9, "1"u8), .. ClientFrames.Frame(Final | 10, "x"u8), .. ClientFrames.Frame(Final | 9, []), .. ClientFrames.Goodbye(1000)], 1000 },
        { "fragments with pings between", [.. ClientFrames.Frame(1, "a"u8), .. ClientFrames.Frame(Final | 9, "1"u8), .. ClientFrames.Frame(0, []), .. ClientFrames.Frame(Final, "bc"u8), .. ClientFrames.Goodbye(1000)], 1000 },
        { "a character over two fragments", [.. ClientFrames.Frame(1, [0xc3]), .. ClientFrames.Frame(Final | 9, "1"u8), .. ClientFrames.Frame(Final, [0xa9]), .. ClientFrames.Goodbye(1000)], 1000 },
        { "empty frames", [.. ClientFrames.Text(""), .. ClientFrames.Frame(2, []), .. ClientFrames.Frame(0, []), .. ClientFrames.Frame(Final, []), .. ClientFrames.Goodbye(1000)], 1000 },
        { "lengths written longer than they are", [.. ClientFrames.Frame(Final | 1, "a"u8, lengthBytes: 2), .. ClientFrames.Frame(Final | 2, "b"u8, lengthBytes: 8), .. ClientFrames.Goodbye(1000)], 1000 },
        { "no mask", [Final | 1, 5, 0x61, 0x62, 0x63, 0x64, 0x65], 1002 },
        { "a goodbye without a mask", [Final | 8, 2, 3, 0xe8, 0, 0], 1002 },
        { "a reserved bit", [.. ClientFrames.Text("abc"), .. ClientFrames.Frame(Final | 0x41, "a"u8)], 1002 },
        { "a reserved bit of a ping", ClientFrames.Frame(Final | 0x29, "a"u8), 1002 },
        { "an unknown kind", ClientFrames.Frame(Final | 3, "a"u8), 1002 },
        { "an unknown control", ClientFrames.Frame(Final | 11, "a"u8), 1002 },
        { "a continuation of nothing", [.. ClientFrames.Text("abc"), .. ClientFrames.Frame(Final, "a"u8)], 1002 },
        { "a message within a message", [.. ClientFrames.Frame(1, "a"u8), .. ClientFrames.Text("b")], 1002 },
        { "a ping in fragments", ClientFrames.Frame(9, "a"u8), 1002 },
        { "a long ping", ClientFrames.Frame(Final | 9, new byte[126]), 1002 },
        { "a length below zero", [Final | 2, 0xff, 0xff, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4], 1002 },
        { "half a code", ClientFrames.Frame(Final | 8, [3]), 1002 },
        { "a code that may not be sent", ClientFrames.Goodbye(1005), 1002 },
        { "a reason that is no text", ClientFrames.Frame(Final | 8, [3, 0xe8, 0xff]), 1002 },
        { "no text", ClientFrames.Frame(Final | 1, [0x61, 0xff]), 1007 },
        { "half a character at the end", ClientFrames.Frame(Final | 1, [0x61, 0xc3]), 1007 },
        { "half a character at the end of fragments", [.. ClientFrames.Frame(1, [0x61, 0xe2]), .. ClientFrames.Frame(Final, [0x82])], 1007 },
        { "binary that is no text", [.. ClientFrames.Frame(Final | 2, [0xff, 0xc3]), .. ClientFrames.Goodbye(1000)], 1000 },
        { "half a head", [Final | 1], null },
        { "half a mask", ClientFrames.Text("abc")[..4], null },
        { "half a message", ClientFrames.Text("abcdef")[..9], null },
        { "a length beyond all bounds", [Final | 2, 0xff, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1, 2, 3, 4, 5], null },
    };

    [Theory]
    [MemberData(nameof(Talks))]
    public async Task A_talk_goes_the_same_way_however_it_is_cut(string name, byte[] bytes, int? code)
    {
        FrameTalk.Heard plain = await FrameTalk.PlainAsync(bytes);
        Assert.True(code == plain.Code, $"{name}: the WebSocket itself closes with {plain.Code}.");
        foreach (int size in (int[])[1, 2, 3, 5, int.MaxValue])
        {
            FrameTalk.Heard direct = await _talk.DirectAsync(Pieces(bytes, size));
            Assert.Equal(code, direct.Code);
            Assert.Equal(plain.Pongs, direct.Pongs);
            AssertSame(plain, direct);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public async Task Whatever_happens_to_a_talk_happens_to_both(int seed)
    {
        var random = new Random(seed);
        int[] codes = new int[2000];
        int early = 0;
        for (int i = 0; i < 25_000; i++)
        {
            byte[] bytes = Talk(random);
            FrameTalk.Heard plain = await FrameTalk.PlainAsync(bytes);
            FrameTalk.Heard direct = await _talk.DirectAsync(Pieces(bytes, random.Next(3) == 0 ? 1 + random.Next(40) : int.MaxValue));
            if (plain.Code is null && direct.Code is 1002 or 1007)
            {
                // Told before the frame has come, which the WebSocket waits for.
                plain = await FrameTalk.PlainAsync([.. bytes, .. new byte[5_000]]);
                early++;
            }

            if (plain.TookNoText || (direct.Code == 1007 && plain.Code == 1002))
            {
                // .NET looks at the text of a frame when all of it is there, and not at all when the last one is empty: it finds another fault first, or none.
                Assert.Contains(direct.Code, (int?[])[1007, plain.Code]);
                continue;
            }

            Assert.True(plain.Code == direct.Code, $"{plain.Code}, not {direct.Code}: {Convert.ToHexString(bytes)}");
            byte[] pongs = [.. direct.Pongs.SelectMany(static p => p)];
            byte[] others = [.. plain.Pongs.SelectMany(static p => p)];

            // A text that is none is found in the piece in which that shows; .NET answers the pings before its last one.
            Assert.True(others.AsSpan().StartsWith(pongs) && (direct.Code == 1007 || others.Length == pongs.Length), Convert.ToHexString(bytes));
            AssertSame(plain, direct);
            codes[plain.Code ?? 0]++;
        }

        Assert.All((int[])[0, 1000, 1002, 1007], code => Assert.InRange(codes[code], 200, 20_000));
        Assert.InRange(early, 0, 1_000);
    }

    public void Dispose() => _talk.Dispose();

    /// <summary>Of a frame that never comes whole, and of a text that turns out to be none, either hears as much as it has read until then.</summary>
    private static void AssertSame(FrameTalk.Heard plain, FrameTalk.Heard direct)
    {
        bool partly = plain.Code is null or 1007;
        int length = Math.Min(plain.Messages.Length, direct.Messages.Length);
        Assert.Equal(Convert.ToHexString(plain.Messages.AsSpan(0, partly ? length : plain.Messages.Length)), Convert.ToHexString(direct.Messages.AsSpan(0, partly ? length : direct.Messages.Length)));
    }

    private static IEnumerable<ReadOnlyMemory<byte>> Pieces(byte[] bytes, int size)
    {
        for (int start = 0; start < bytes.Length; start += Math.Min(size, bytes.Length - start))
        {
            yield return bytes.AsMemory(start, Math.Min(size, bytes.Length - start));
        }
    }

    /// <summary>What a client might say, and then something happened to it.</summary>
    private static byte[] Talk(Random random)
    {
        List<byte[]> frames = [];
        for (int i = random.Next(1, 6); i > 0; i--)
        {
            byte[] text = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("aé€😀\u001e", random.Next(random.Next(8) == 0 ? 400 : 4))));
            int cut = random.Next(text.Length + 1);
            frames.AddRange(random.Next(6) switch
            {
                0 => [ClientFrames.Frame(Final | 1, text, (uint)random.Next())],
                1 => [ClientFrames.Frame(Final | 2, text, (uint)random.Next())],
                2 => [ClientFrames.Frame(1, text.AsSpan(0, cut), (uint)random.Next()), ClientFrames.Frame(Final, text.AsSpan(cut))],
                3 => [ClientFrames.Frame(1, text.AsSpan(0, cut)), ClientFrames.Frame(Final | 9, text.AsSpan(0, cut % 100)), ClientFrames.Frame(Final, text.AsSpan(cut))],
                4 => [ClientFrames.Frame(Final | 10, [])],
                _ => [ClientFrames.Frame(Final | 9, text.AsSpan(0, cut % 126))],
            });
        }

        if (random.Next(3) > 0)
        {
            frames.Add(random.Next(4) == 0 ? ClientFrames.Goodbye((ushort)random.Next(990, 1020)) : ClientFrames.Goodbye(1000));
        }

        int at = random.Next(frames.Count);
        switch (random.Next(8))
        {
            case 0:
                frames.RemoveAt(at);
                break;
            case 1:
                frames.Insert(random.Next(frames.Count), frames[at]);
                break;
            case 2:
                (frames[at], frames[0]) = (frames[0], frames[at]);
                break;
            case 3:
                frames[at] = frames[at][..random.Next(frames[at].Length)];
                break;
            case 4:
                frames[at][random.Next(2)] = (byte)random.Next(256);
                break;
            case 5:
                frames[at][random.Next(frames[at].Length)] ^= (byte)(1 << random.Next(8));
                break;
            case 6:
                byte[] noise = new byte[random.Next(1, 20)];
                random.NextBytes(noise);
                frames.Insert(at, noise);
                break;
        }

        return [.. frames.SelectMany(f => f)];
    }
}
