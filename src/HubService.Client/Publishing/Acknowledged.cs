using HubService.Contracts;

namespace HubService.Client;

/// <summary>The newest acknowledged events of one stream, kept in case the store rolls them back.</summary>
internal sealed class Acknowledged<T>
{
    public const int MaxEvents = 1_000;
    public const int MaxBytes = 4_000_000;

    private readonly Queue<(StreamPosition At, T Item, int Bytes)> _kept = new();
    private string? _superseded;
    private long _bytes;

    /// <summary>Where the newest one was kept, as the hub answered, or what is left of that after a rollback; null before the first.</summary>
    public StreamPosition? Last { get; private set; }

    /// <summary>Keeps an event.</summary>
    /// <returns>
    /// When the answer names another epoch than the one before: the position after which something may have been rolled back,
    /// so that the hub must be asked. Null otherwise.
    /// </returns>
    public StreamPosition? Add(StreamPosition at, T item, int bytes)
    {
        // An answer may come late, in an epoch that is known to have ended: then it is this event that is in doubt.
        StreamPosition? doubt = Last is { Epoch.Length: > 0 } last && last.Epoch != at.Epoch ? (at.Epoch == _superseded ? at : last) : null;
        Last = at;
        _kept.Enqueue((at, item, bytes));
        _bytes += bytes;
        while (_kept.Count > MaxEvents || _bytes > MaxBytes)
        {
            _bytes -= _kept.Dequeue().Bytes;
        }

        return doubt;
    }

    /// <summary>Takes out what was acknowledged in another epoch above <paramref name="lastValid"/>, in order.</summary>
    /// <param name="epoch">Empty for a stream that was lost as a whole and has not begun anew.</param>
    public IReadOnlyList<T> TakeRolledBack(string epoch, long lastValid)
    {
        List<T> rolledBack = [];
        for (int i = _kept.Count; i > 0; i--)
        {
            (StreamPosition At, T Item, int Bytes) kept = _kept.Dequeue();
            if (kept.At.Epoch == epoch || kept.At.Seq <= lastValid)
            {
                _kept.Enqueue(kept);
            }
            else
            {
                rolledBack.Add(kept.Item);
                _bytes -= kept.Bytes;
            }
        }

        if (Last is { } last && last.Epoch != epoch)
        {
            _superseded = last.Epoch;
            Last = new StreamPosition(epoch, Math.Min(last.Seq, lastValid));
        }

        return rolledBack;
    }
}
