using HubService.Wire;

namespace HubService.Tests.Wire;

public class WaitingBytesTests
{
    private static readonly byte[] Close = [0x88, 2, 3, 0xe8];

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(125)]
    [InlineData(126)]
    [InlineData(65_535)]
    [InlineData(65_536)]
    [InlineData(300_000)]
    public void One_message_is_one_frame_with_the_shortest_head(int length)
    {
        byte[] message = Bytes(new Random(1), Math.Max(1, length));
        WaitingBytes waiting = default;
        waiting.Add(binary: true, message);
        (int opcode, byte[] payload) = Assert.Single(Taken(ref waiting).Frames);
        Assert.Equal((2, message), (opcode, payload), (x, y) => x.Item1 == y.Item1 && x.Item2.SequenceEqual(y.Item2));
    }

    [Fact]
    public void Messages_that_follow_each_other_share_a_frame()
    {
        WaitingBytes waiting = default;
        waiting.Add(binary: false, "one"u8);
        waiting.Add(binary: false, "two"u8);
        (int opcode, byte[] payload) = Assert.Single(Taken(ref waiting).Frames);
        Assert.Equal(1, opcode);
        Assert.Equal("onetwo"u8.ToArray(), payload);
        Assert.Equal(0, waiting.Count);
    }

    [Fact]
    public void A_frame_of_the_WebSocket_keeps_its_place()
    {
        WaitingBytes waiting = default;
        waiting.Add(binary: false, "one"u8);
        waiting.AddFrame(Close);
        waiting.Add(binary: false, "two"u8);
        waiting.Add(binary: false, "three"u8);
        Assert.Equal([1, 8, 1, 1], Taken(ref waiting).Frames.Select(f => f.Opcode));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Whatever_is_added_comes_out_in_order(int seed)
    {
        var random = new Random(seed);
        for (int round = 0; round < 100; round++)
        {
            WaitingBytes waiting = default;
            List<byte> expected = [];
            for (int i = random.Next(1, 40); i > 0; i--)
            {
                byte[] message = Bytes(random, random.Next(10) == 0 ? random.Next(1, 80_000) : random.Next(1, 300));
                if (random.Next(6) == 0)
                {
                    byte[] ping = [0x89, (byte)(message.Length % 126), .. message[..Math.Min(message.Length, message.Length % 126)]];
                    waiting.AddFrame(ping);
                    expected.AddRange(ping[2..]);
                }
                else
                {
                    waiting.Add(binary: false, message);
                    expected.AddRange(message);
                }
            }

            Assert.True(expected.SequenceEqual(Taken(ref waiting).Payload));
        }
    }

    private static byte[] Bytes(Random random, int length)
    {
        byte[] bytes = new byte[length];
        random.NextBytes(bytes);
        return bytes;
    }

    private static FrameReader Taken(ref WaitingBytes waiting)
    {
        (byte[] buffer, ReadOnlyMemory<byte> bytes) = waiting.Take();
        FrameReader reader = new();
        reader.Add(bytes.Span);
        WaitingBytes.Return(buffer);
        return reader;
    }
}
