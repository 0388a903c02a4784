using System.Threading.Channels;
using HubService.Contracts;

namespace HubService.Client;

/// <summary>One SubscribeAsync on a stream: its cursor and its bounded buffer. Its feed holds the lock for every member.</summary>
internal sealed class Subscriber(StreamPosition? from, int capacity)
{
    private readonly Channel<StreamItem> _buffer = Channel.CreateBounded<StreamItem>(
        new BoundedChannelOptions(capacity) { SingleReader = true, SingleWriter = false });

    public ChannelReader<StreamItem> Items => _buffer.Reader;

    public Cursor Cursor { get; private set; } = new(from);

    /// <summary>True when the buffer was full: nothing more is taken until the reader has emptied it.</summary>
    public bool Paused { get; private set; }

    public void AnchorUnsynchronized(string epoch, long head) => Cursor = Cursor.Anchor(epoch, head);

    public void RecoveredUnsynchronized(StreamPosition asked, string epoch) => Cursor = Cursor.Recovered(asked, epoch);

    public void ResumeUnsynchronized() => Paused = false;

    public void Fail(Exception error) => _buffer.Writer.TryComplete(error);

    public CursorVerdict EventUnsynchronized(StreamPosition position, StreamItem item) =>
        Take(Cursor.Event(position.Epoch, position.Seq), _ => item);

    public CursorVerdict HistoryLostUnsynchronized(long from, long to) =>
        Take(Cursor.HistoryLost(from, to), at => new StreamItem.HistoryLost(at, from, to));

    public CursorVerdict ResetUnsynchronized(string epoch, long lastValid) =>
        Take(Cursor.Reset(epoch, lastValid), at => new StreamItem.Reset(at, epoch, lastValid));

    /// <summary>Takes what has no place of its own in the stream, if there is room.</summary>
    public void GreetUnsynchronized(Func<StreamPosition?, StreamItem> item)
    {
        if (!Paused)
        {
            _buffer.Writer.TryWrite(item(Cursor.Position));
        }
    }

    private CursorVerdict Take((CursorVerdict Verdict, Cursor Next) judged, Func<StreamPosition, StreamItem> item)
    {
        if (judged.Verdict != CursorVerdict.Accept)
        {
            return judged.Verdict;
        }

        // The cursor moves only with what the reader will get, so that a dropped event is asked for again.
        if (_buffer.Writer.TryWrite(item(judged.Next.Position!.Value)))
        {
            Cursor = judged.Next;
        }
        else
        {
            Paused = true;
        }

        return CursorVerdict.Accept;
    }
}
