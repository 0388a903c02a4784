using System.Buffers;

namespace HubService.Wire;

/// <summary>
/// What waits for one connection, as the bytes of one write. Messages that follow each other share a WebSocket frame: to a
/// client they are records of one frame, as when SignalR's own pipe gathers them. Its owner holds a lock around every call.
/// </summary>
internal struct WaitingBytes
{
    private const int FirstSize = 4096;

    private byte[]? _buffer;
    private int _start;
    private int _end;
    private bool _binary;

    /// <summary>The last frame takes more messages; its head is not written yet. Only ever the first frame of the buffer.</summary>
    private bool _open;

    public readonly int Count => _end - _start;

    /// <summary>Adds messages of SignalR's protocol.</summary>
    public void Add(bool binary, ReadOnlySpan<byte> messages)
    {
        if (Count == 0)
        {
            Reserve(WebSocketFrame.MaxHead + messages.Length);
            _start = _end = WebSocketFrame.MaxHead;
            _binary = binary;
            _open = true;
        }
        else if (!_open)
        {
            int head = WebSocketFrame.HeadLength(messages.Length);
            Reserve(head + messages.Length);
            WebSocketFrame.WriteHead(_buffer.AsSpan(_end, head), binary, messages.Length);
            _end += head;
        }

        Append(messages);
    }

    /// <summary>Adds a frame that is whole already.</summary>
    public void AddFrame(ReadOnlySpan<byte> frame)
    {
        CloseFrame();
        Append(frame);
    }

    /// <summary>Takes everything, framed; the buffer is the caller's, who gives it back with <see cref="Return"/>.</summary>
    public (byte[] Buffer, ReadOnlyMemory<byte> Bytes) Take()
    {
        CloseFrame();
        (byte[] buffer, int start, int end) = (_buffer!, _start, _end);
        this = default;
        return (buffer, buffer.AsMemory(start, end - start));
    }

    public void Clear()
    {
        Return(_buffer);
        this = default;
    }

    public static void Return(byte[]? buffer)
    {
        if (buffer is not null)
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private void CloseFrame()
    {
        if (_open)
        {
            int head = WebSocketFrame.HeadLength(Count);
            WebSocketFrame.WriteHead(_buffer.AsSpan(_start - head, head), _binary, Count);
            _start -= head;
            _open = false;
        }
    }

    private void Append(ReadOnlySpan<byte> bytes)
    {
        Reserve(bytes.Length);
        bytes.CopyTo(_buffer.AsSpan(_end));
        _end += bytes.Length;
    }

    private void Reserve(int more)
    {
        if (_buffer is null)
        {
            _buffer = ArrayPool<byte>.Shared.Rent(Math.Max(FirstSize, more));
        }
        else if (_end + more > _buffer.Length)
        {
            byte[] larger = ArrayPool<byte>.Shared.Rent((_end + more) * 2);
            _buffer.AsSpan(0, _end).CopyTo(larger);
            Return(_buffer);
            _buffer = larger;
        }
    }
}
