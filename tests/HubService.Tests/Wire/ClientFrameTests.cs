using System.Buffers;
using System.Buffers.Binary;
using HubService.Wire;

namespace HubService.Tests.Wire;

public class ClientFrameTests
{
    private const byte Final = ClientFrames.Final;

    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 0)]
    [InlineData(125, 0)]
    [InlineData(0, 2)]
    [InlineData(126, 2)]
    [InlineData(65_535, 2)]
    [InlineData(5, 8)]
    [InlineData(65_536, 8)]
    public void A_head_is_read_wherever_its_bytes_are_cut(int length, int lengthBytes)
    {
        byte[] bytes = ClientFrames.Frame(2, new byte[length], mask: 0x01020304, lengthBytes);
        int head = 2 + lengthBytes + 4;
        for (int first = 0; first <= Math.Min(head, bytes.Length); first++)
        {
            for (int second = first; second <= Math.Min(head, bytes.Length); second++)
            {
                Assert.True(ClientFrame.TryRead(ClientFrames.Cut(bytes, first, second), out ClientFrame frame));
                Assert.Equal((ClientFrame.Kinds.Binary, false, head, (long)length), (frame.Kind, frame.IsFinal, frame.HeadLength, frame.Length));
                Assert.Equal([1, 2, 3, 4], BitConverter.GetBytes(frame.Mask));
            }
        }

        for (int come = 0; come < head; come++)
        {
            Assert.False(ClientFrame.TryRead(new ReadOnlySequence<byte>(bytes, 0, come), out _));
        }
    }

    [Fact]
    public void Every_first_byte_is_a_kind_or_invalid()
    {
        for (int first = 0; first <= byte.MaxValue; first++)
        {
            ClientFrame.Kinds expected = (first & 0x7f) switch
            {
                0 => ClientFrame.Kinds.Continuation,
                1 => ClientFrame.Kinds.Text,
                2 => ClientFrame.Kinds.Binary,
                8 or 9 or 10 when (first & Final) != 0 => ClientFrame.Kinds.Control,
                _ => ClientFrame.Kinds.Invalid,
            };
            Assert.True(ClientFrame.TryRead(new ReadOnlySequence<byte>(ClientFrames.Frame((byte)first, "abc"u8)), out ClientFrame frame));
            Assert.Equal(expected, frame.Kind);
            Assert.Equal((first & Final) != 0, frame.IsFinal);
        }
    }

    [Theory]
    [InlineData(8)]
    [InlineData(9)]
    [InlineData(10)]
    public void A_control_frame_is_short(byte kind)
    {
        Assert.Equal(ClientFrame.Kinds.Control, Read(ClientFrames.Frame((byte)(Final | kind), new byte[125])).Kind);
        Assert.Equal(ClientFrame.Kinds.Invalid, Read(ClientFrames.Frame((byte)(Final | kind), new byte[126])).Kind);
        Assert.Equal(ClientFrame.Kinds.Invalid, Read(ClientFrames.Frame((byte)(Final | kind), "a"u8, lengthBytes: 2)).Kind);
        Assert.Equal(ClientFrame.Kinds.Invalid, Read(ClientFrames.Frame((byte)(Final | kind), "a"u8, lengthBytes: 8)).Kind);
    }

    [Fact]
    public void What_is_not_masked_is_invalid_as_soon_as_it_is_seen() => Assert.Equal(ClientFrame.Kinds.Invalid, Read([Final | 1, 5]).Kind);

    [Theory]
    [InlineData(long.MaxValue, true)]
    [InlineData(long.MinValue, false)]
    [InlineData(-1L, false)]
    public void A_length_has_63_bits(long length, bool valid)
    {
        byte[] bytes = [Final | 2, 0xff, .. new byte[12]];
        BinaryPrimitives.WriteInt64BigEndian(bytes.AsSpan(2), length);
        ClientFrame frame = Read(bytes);
        Assert.Equal(valid ? ClientFrame.Kinds.Binary : ClientFrame.Kinds.Invalid, frame.Kind);
        Assert.Equal(length, frame.Length);
    }

    [Fact]
    public void Bytes_are_unmasked_as_one_by_one_at_every_offset_and_length()
    {
        byte[] masked = new byte[200];
        new Random(5).NextBytes(masked);
        byte[] mask = [0x11, 0x82, 0xf3, 0x04];
        for (int start = 0; start < 40; start++)
        {
            for (int length = 0; start + length <= masked.Length; length++)
            {
                byte[] bytes = [.. masked];
                uint turned = ClientFrame.Unmask(bytes.AsSpan(start, length), BitConverter.ToUInt32(mask));
                for (int i = 0; i < bytes.Length; i++)
                {
                    int at = i - start;
                    Assert.Equal(at >= 0 && at < length ? masked[i] ^ mask[at & 3] : masked[i], bytes[i]);
                }

                Assert.Equal(Enumerable.Range(length, 4).Select(i => mask[i & 3]), BitConverter.GetBytes(turned));
            }
        }
    }

    [Fact]
    public void What_stands_for_a_fault_is_a_whole_frame()
    {
        Assert.Equal(ClientFrame.Kinds.Invalid, Read(ClientFrame.Refused.ToArray()).Kind);
        ClientFrame text = Read(ClientFrame.RefusedText.ToArray());
        Assert.Equal((ClientFrame.Kinds.Text, true, ClientFrame.RefusedText.Length), (text.Kind, text.IsFinal, text.HeadLength + (int)text.Length));
    }

    private static ClientFrame Read(byte[] bytes)
    {
        Assert.True(ClientFrame.TryRead(new ReadOnlySequence<byte>(bytes), out ClientFrame frame));
        return frame;
    }
}
