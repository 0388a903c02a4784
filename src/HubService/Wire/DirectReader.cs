using System.Buffers;
using System.IO.Pipelines;

namespace HubService.Wire;

/// <summary>
/// Reads the frames of one WebSocket connection from Kestrel's pipe: messages go to the hub, the rest to the WebSocket, which
/// answers pings and goodbyes, and closes the connection over a frame that breaks the rules.
/// </summary>
/// <param name="calls">What takes calls before the hub; null until the hub has its connection.</param>
internal sealed class DirectReader(DirectInput messages, Func<IDirectCalls?> calls)
{
    /// <summary>What is longer is handed on in pieces.</summary>
    private const int Piece = 16 * 1024;

    private const byte Separator = 0x1e;

    [ThreadStatic]
    private static byte[]? _scratch;

    private volatile bool _ended;
    private bool _closing;
    private PipeReader? _input;

    /// <summary>Of the frame under way: what has not come yet.</summary>
    private long _missing;
    private uint _mask;

    /// <summary>Of the message under way.</summary>
    private bool _isText;
    private bool _isLastFrame = true;

    /// <summary>It is one frame, and all of it is here.</summary>
    private bool _isWhole;
    private Utf8Text _text;

    /// <summary>What the WebSocket itself reads.</summary>
    public ControlFrames Control { get; } = new();

    /// <summary>Completes when it does not touch the connection's pipe any more.</summary>
    public Task Finished { get; private set; } = Task.CompletedTask;

    /// <summary>Reads until the connection ends, or <see cref="End"/>.</summary>
    public void Start(PipeReader input)
    {
        _input = input;
        Finished = RunAsync(input);
    }

    /// <summary>Reads no more.</summary>
    public void End()
    {
        _ended = true;
        messages.End();
        Control.End();
        if (!Finished.IsCompleted)
        {
            _input?.CancelPendingRead();
        }
    }

    private async Task RunAsync(PipeReader input)
    {
        try
        {
            while (!_ended)
            {
                ReadResult read = await input.ReadAsync();
                ReadOnlySequence<byte> bytes = read.Buffer;
                while (!_ended && !bytes.IsEmpty && TryTake(ref bytes, out ValueTask taken))
                {
                    await taken;
                }

                messages.Show();
                input.AdvanceTo(bytes.Start, bytes.End);
                _ended |= read.IsCompleted;
            }
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or InvalidOperationException or ObjectDisposedException)
        {
            // The connection is no more.
        }
        finally
        {
            if (!_closing)
            {
                messages.End();
                Control.End();
            }
        }
    }

    /// <summary>False when more must come first.</summary>
    /// <param name="taken">Completes when who got it takes more.</param>
    private bool TryTake(ref ReadOnlySequence<byte> bytes, out ValueTask taken)
    {
        taken = default;
        if (_missing == 0)
        {
            if (!ClientFrame.TryRead(bytes, out ClientFrame frame))
            {
                return false;
            }

            if (frame.Kind == ClientFrame.Kinds.Control)
            {
                return TryTakeControl(ref bytes, frame, out taken);
            }

            if (frame.Kind == ClientFrame.Kinds.Invalid || (frame.Kind == ClientFrame.Kinds.Continuation) == _isLastFrame)
            {
                taken = CloseAsync(ClientFrame.Refused);
                return true;
            }

            if (frame.Kind != ClientFrame.Kinds.Continuation)
            {
                _isText = frame.Kind == ClientFrame.Kinds.Text;
                _text = default;
            }

            _isWhole = frame.IsFinal && frame.Kind == ClientFrame.Kinds.Text && frame.Length <= Math.Min(Piece, bytes.Length - frame.HeadLength);
            (_missing, _mask, _isLastFrame) = (frame.Length, frame.Mask, frame.IsFinal);
            bytes = bytes.Slice(frame.HeadLength);
        }

        int count = (int)Math.Min(Math.Min(_missing, bytes.Length), Piece);
        Span<byte> piece = (_scratch ??= new byte[Piece]).AsSpan(0, count);
        bytes.Slice(0, count).CopyTo(piece);
        bytes = bytes.Slice(count);
        _mask = ClientFrame.Unmask(piece, _mask);
        _missing -= count;
        if (_isText && !_text.TryTake(piece, isLast: _missing == 0 && _isLastFrame))
        {
            taken = CloseAsync(ClientFrame.RefusedText);
        }
        else if (!TryTakeDirectly(piece))
        {
            // A reader is not woken for a message that goes on, and of which more is here.
            taken = messages.WriteAsync(piece, moreIsHere: _isText && !bytes.IsEmpty && !piece.Contains(Separator));
        }

        return true;
    }

    /// <summary>Past the hub, when it has nothing to do first.</summary>
    private bool TryTakeDirectly(ReadOnlySpan<byte> message) => _isWhole && messages.IsIdle && calls()?.TryTake(message) == true;

    private bool TryTakeControl(ref ReadOnlySequence<byte> bytes, in ClientFrame frame, out ValueTask taken)
    {
        taken = default;
        long length = frame.HeadLength + frame.Length;
        if (bytes.Length < length)
        {
            return false;
        }

        byte[] whole = bytes.Slice(0, length).ToArray();
        bytes = bytes.Slice(length);
        taken = WebSocketFrame.IsClose(whole) ? CloseAsync(whole) : new ValueTask(Control.AddAsync(whole));
        return true;
    }

    /// <summary>Nothing is read after a goodbye, or a frame like one that broke the rules. The hub learns of it by the end of its transport: sooner, its own goodbye could leave before the WebSocket's answer.</summary>
    private ValueTask CloseAsync(ReadOnlySpan<byte> frame)
    {
        _ended = _closing = true;
        return new ValueTask(Control.AddAsync(frame.ToArray()));
    }
}
