using System.Buffers;

namespace HubService.Tests.MessagePack;

/// <summary>Bytes as a sequence of two segments.</summary>
internal sealed class Segments : ReadOnlySequenceSegment<byte>
{
    public static ReadOnlySequence<byte> Of(ReadOnlyMemory<byte> bytes, int first)
    {
        var head = new Segments { Memory = bytes[..first] };
        var tail = new Segments { Memory = bytes[first..], RunningIndex = first };
        head.Next = tail;
        return new ReadOnlySequence<byte>(head, 0, tail, tail.Memory.Length);
    }
}
