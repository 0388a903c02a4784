using System.Buffers;
using HubService.MessagePack;

namespace HubService.Tests.MessagePack;

/// <summary>The length in front of every message.</summary>
public class FrameTests
{
    private const int MaxBytes = 1_000_000;

    [Theory]
    [InlineData(1)]
    [InlineData(127)]
    [InlineData(128)]
    [InlineData(16_383)]
    [InlineData(16_384)]
    [InlineData(MaxBytes)]
    public void A_message_is_taken_whole_once_all_of_it_is_there(int length)
    {
        byte[] frame = Packed.Frame(new byte[length]);
        foreach (int there in Enumerable.Range(0, Math.Min(frame.Length, 20)).Append(frame.Length - 1))
        {
            var part = new ReadOnlySequence<byte>(frame, 0, there);
            Assert.False(MessagePackFrame.TryTake(ref part, MaxBytes, out _));
            Assert.Equal(there, part.Length);
        }

        var two = new ReadOnlySequence<byte>([.. frame, .. frame]);
        Assert.True(MessagePackFrame.TryTake(ref two, MaxBytes, out ReadOnlySequence<byte> message));
        Assert.Equal(length, message.Length);
        Assert.Equal(frame.Length, two.Length);
    }

    [Theory]
    [InlineData("00")]
    [InlineData("80 00")]
    [InlineData("80 80 80 80 80")]
    [InlineData("80 80 80 80 80 01")]
    [InlineData("ff ff ff ff 0f")]
    [InlineData("ff ff ff ff 7f")]
    [InlineData("ff ff ff ff ff")]
    [InlineData("c1 84 3d")]
    public void A_length_that_no_message_has_is_refused_before_its_bytes_come(string prefix) =>
        Assert.Throws<InvalidDataException>(() =>
        {
            var input = new ReadOnlySequence<byte>(Packed.Hex(prefix));
            return MessagePackFrame.TryTake(ref input, MaxBytes, out _);
        });
}
