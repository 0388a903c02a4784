using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using HubService.Contracts;

namespace HubService.Delivery;

/// <summary>What waits for one connection, in order. Its owner holds a lock around every call.</summary>
internal struct OutboxQueue
{
    /// <summary>Made when something waits.</summary>
    private Queue<Pending>? _pending;

    /// <summary>A write that waits; without a cursor it is in no log and is never dropped.</summary>
    private readonly record struct Pending(Cursor? Cursor, StreamPosition UpTo, int Events, OutboundMessage Message);

    /// <summary>A message that is in no log counts as an event.</summary>
    public int Events { readonly get; private set; }

    public int Bytes { readonly get; private set; }

    /// <param name="message">The chunk in the connection's protocol.</param>
    public void Add(Cursor cursor, EventChunk chunk, OutboundMessage message) => Add(new Pending(cursor, chunk.Last, chunk.Count, message));

    public void Add(OutboundMessage message) => Add(new Pending(null, default, 1, message));

    /// <summary>Takes from the front as much as one write may hold. False when nothing waits.</summary>
    public bool TryTake([NotNullWhen(true)] out OutboundMessage? gathered)
    {
        gathered = null;
        ArrayBufferWriter<byte>? frames = null;
        while (_pending is not null && _pending.TryPeek(out Pending next))
        {
            if (next.Cursor is { Mode: CursorMode.Stopped })
            {
                Remove();
                continue;
            }

            if (gathered is not null)
            {
                if ((frames?.WrittenCount ?? gathered.Frame.Length) + next.Message.Frame.Length > EventChunk.MaxBytes)
                {
                    break;
                }

                if (frames is null)
                {
                    frames = new ArrayBufferWriter<byte>(Math.Min(EventChunk.MaxBytes, gathered.Frame.Length + Bytes));
                    frames.Write(gathered.Frame.Span);
                }

                frames.Write(next.Message.Frame.Span);
            }

            gathered ??= next.Message;
            next.Cursor?.Written = next.UpTo;
            Remove();
        }

        gathered = frames is null ? gathered : gathered!.With(frames.WrittenMemory);
        return gathered is not null;
    }

    /// <summary>Drops the events and keeps what is in no log. Returns how many were dropped.</summary>
    /// <param name="fallBehind">Called for the cursor of every write that is dropped.</param>
    public int DropEvents(Action<Cursor> fallBehind)
    {
        int dropped = 0;
        for (int i = _pending?.Count ?? 0; i > 0; i--)
        {
            Pending pending = Remove();
            if (pending.Cursor is null)
            {
                Add(pending);
                continue;
            }

            dropped += pending.Events;
            fallBehind(pending.Cursor);
        }

        return dropped;
    }

    public void Clear()
    {
        _pending = null;
        Events = 0;
        Bytes = 0;
    }

    private void Add(in Pending pending)
    {
        (_pending ??= new()).Enqueue(pending);
        Events += pending.Events;
        Bytes += pending.Message.Frame.Length;
    }

    private Pending Remove()
    {
        Pending pending = _pending!.Dequeue();
        Events -= pending.Events;
        Bytes -= pending.Message.Frame.Length;
        return pending;
    }
}
