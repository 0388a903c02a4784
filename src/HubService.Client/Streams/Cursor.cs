using HubService.Contracts;

namespace HubService.Client;

/// <summary>What a cursor makes of something that arrived.</summary>
internal enum CursorVerdict
{
    /// <summary>It is the next one.</summary>
    Accept,

    /// <summary>It was seen before: drop it.</summary>
    Duplicate,

    /// <summary>Something before it is missing: subscribe again from the position.</summary>
    Gap,

    /// <summary>It belongs to another epoch and is not the next one: subscribe again from the position and be told.</summary>
    Reset,
}

/// <summary>
/// Tracks a subscriber's position. A pure value: each member says what to do and gives the cursor to go on with, which is the
/// same one unless the verdict is <see cref="CursorVerdict.Accept"/>.
/// </summary>
/// <param name="Position">The last position seen; null before the cursor is anchored, when any event is the first.</param>
internal readonly record struct Cursor(StreamPosition? Position)
{
    /// <summary>An event arrived.</summary>
    public (CursorVerdict Verdict, Cursor Next) Event(string epoch, long seq)
    {
        if (Position is not { } at)
        {
            return Accept(epoch, seq);
        }

        // Also in another epoch: it changes when the store restarts, and the hub tells of a rollback before it sends the next event.
        if (seq == at.Seq + 1)
        {
            return Accept(epoch, seq);
        }

        if (at.Epoch.Length > 0 && at.Epoch != epoch)
        {
            return (CursorVerdict.Reset, this);
        }

        return (seq <= at.Seq ? CursorVerdict.Duplicate : CursorVerdict.Gap, this);
    }

    /// <summary><c>history_lost</c> arrived: <paramref name="from"/>..<paramref name="to"/> are gone, the next event is <c>to + 1</c>.</summary>
    public (CursorVerdict Verdict, Cursor Next) HistoryLost(long from, long to)
    {
        if (Position is not { } at || to <= at.Seq)
        {
            return (CursorVerdict.Duplicate, this);
        }

        return from <= at.Seq + 1 ? Accept(at.Epoch, to) : (CursorVerdict.Gap, this);
    }

    /// <summary><c>reset</c> arrived: the stream goes on in <paramref name="epoch"/> after <paramref name="lastValid"/>.</summary>
    public (CursorVerdict Verdict, Cursor Next) Reset(string epoch, long lastValid)
    {
        if (Position is not { } at || (at.Epoch == epoch && at.Seq <= lastValid))
        {
            return (CursorVerdict.Duplicate, this);
        }

        // A reader that had not come so far goes on where it was.
        return Accept(epoch, Math.Min(at.Seq, lastValid));
    }

    /// <summary>The answer to Subscribe: an unanchored cursor stands at the head; one at the beginning learns the epoch.</summary>
    public Cursor Anchor(string epoch, long head) => Position switch
    {
        null => new Cursor(new StreamPosition(epoch, head)),
        { Epoch: "" } at => new Cursor(at with { Epoch = epoch }),
        _ => this,
    };

    /// <summary>The answer to Subscribe says that nothing was missed since <paramref name="asked"/>: it is as good in the stream's epoch.</summary>
    public Cursor Recovered(StreamPosition asked, string epoch) =>
        Position == asked && epoch.Length > 0 ? new Cursor(asked with { Epoch = epoch }) : this;

    private static (CursorVerdict Verdict, Cursor Next) Accept(string epoch, long seq) =>
        (CursorVerdict.Accept, new Cursor(new StreamPosition(epoch, seq)));
}
