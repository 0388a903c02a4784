using System.Buffers;
using HubService.Contracts;
using HubService.Streams;

namespace HubService.Delivery;

/// <summary>Consecutive events of one stream as the bytes of one write: several records in one write cost what one costs.</summary>
internal sealed class EventChunk
{
    /// <summary>A chunk ends before the event that would bring it past this, not counting that event's frame; one event alone may be larger.</summary>
    public const int MaxBytes = 32 * 1024;

    private EventChunk(string epoch, long first, long last, ReadOnlyMemory<byte> frames)
    {
        First = first;
        Last = new StreamPosition(epoch, last);
        Message = new OutboundMessage(frames);
    }

    /// <summary>The first event's seq.</summary>
    public long First { get; }

    /// <summary>The position of the last event.</summary>
    public StreamPosition Last { get; }

    public int Count => (int)(Last.Seq - First + 1);

    public OutboundMessage Message { get; }

    /// <summary>As many of the consecutive entries as fit, from one of them on.</summary>
    public static EventChunk Take(string kind, string epoch, IReadOnlyList<LogEntry> entries, int from)
    {
        int next = from + 1;
        if (next == entries.Count)
        {
            return new EventChunk(epoch, entries[from].Seq, entries[from].Seq, EventFrames.Invocation(kind, epoch, entries[from]));
        }

        var writer = new ArrayBufferWriter<byte>(4096);
        EventFrames.WriteInvocation(writer, kind, epoch, entries[from]);
        while (next < entries.Count && writer.WrittenCount + entries[next].Body.Length <= MaxBytes)
        {
            EventFrames.WriteInvocation(writer, kind, epoch, entries[next++]);
        }

        return new EventChunk(epoch, entries[from].Seq, entries[next - 1].Seq, writer.WrittenMemory);
    }
}
