using System.Buffers;
using System.Runtime.InteropServices;

namespace HubService.Wire;

/// <summary>
/// What was written for a reader and it has not consumed yet. Its owner holds a lock around every call. Empty it holds no memory.
/// </summary>
[StructLayout(LayoutKind.Auto)]
internal struct UnreadBytes
{
    private const int FirstSize = 4096;

    private byte[]? _buffer;

    /// <summary>What the reader holds, where the buffer is another by now. Its bytes lie at the same places.</summary>
    private byte[]? _held;

    /// <summary>The reader has some of it, which may not move.</summary>
    private bool _isHeld;
    private int _start;
    private int _end;

    /// <summary>Up to here the reader has looked, and wants more before it looks again.</summary>
    private int _examined;

    public readonly int Count => _end - _start;

    /// <summary>Is there something that the reader has not looked at?</summary>
    public readonly bool HasNew => _end != _examined;

    public void Add(ReadOnlySpan<byte> bytes)
    {
        if (_buffer is null)
        {
            _buffer = ArrayPool<byte>.Shared.Rent(Math.Max(FirstSize, bytes.Length));
        }
        else if (_end + bytes.Length > _buffer.Length)
        {
            MakeRoom(_buffer, bytes.Length);
        }

        bytes.CopyTo(_buffer.AsSpan(_end));
        _end += bytes.Length;
    }

    /// <summary>Everything, which stays where it is until the reader advances.</summary>
    public ReadOnlySequence<byte> Hold()
    {
        _isHeld = true;
        return _buffer is null ? ReadOnlySequence<byte>.Empty : new ReadOnlySequence<byte>(_buffer, _start, Count);
    }

    public void Advance(SequencePosition consumed, SequencePosition examined)
    {
        LetGo();
        if (_buffer is null)
        {
            return;
        }

        _start = IndexOf(consumed);
        _examined = Math.Max(_start, IndexOf(examined));
        if (_start == _end)
        {
            Clear();
        }
    }

    public void Clear()
    {
        LetGo();
        if (_buffer is not null)
        {
            ArrayPool<byte>.Shared.Return(_buffer);
        }

        this = default;
    }

    /// <summary>The end of a sequence over an array is marked as such in its highest bit.</summary>
    private static int IndexOf(SequencePosition position) => position.GetInteger() & int.MaxValue;

    /// <summary>Behind what is unread: in the same buffer when nobody holds it and half of it is enough.</summary>
    private void MakeRoom(byte[] old, int more)
    {
        int count = Count;
        int start = _isHeld ? _start : 0;
        byte[] buffer = _isHeld || count + more > old.Length / 2 ? ArrayPool<byte>.Shared.Rent((start + count + more) * 2) : old;
        old.AsSpan(_start, count).CopyTo(buffer.AsSpan(start));
        if (_isHeld && _held is null)
        {
            _held = old;
        }
        else if (old != buffer)
        {
            ArrayPool<byte>.Shared.Return(old);
        }

        (_buffer, _examined, _start, _end) = (buffer, _examined - _start + start, start, start + count);
    }

    private void LetGo()
    {
        _isHeld = false;
        if (_held is not null)
        {
            ArrayPool<byte>.Shared.Return(_held);
            _held = null;
        }
    }
}
