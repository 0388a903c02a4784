using System.Buffers.Binary;

namespace HubService.Benchmarks.Load.Client;

/// <summary>Takes the frames of RFC 6455 off what a server sends, in whatever pieces it arrives; the payload is handed on, not copied.</summary>
internal sealed class FrameReader(IFrameReceiver receiver)
{
    private const byte Ping = 0x9;
    private const byte Closing = 0x8;
    private const int MaxHeader = 10;

    private readonly byte[] _header = new byte[MaxHeader];
    private readonly byte[] _control = new byte[125];
    private int _held;
    private int _controlHeld;
    private long _left;
    private byte _kind;

    public void Feed(ReadOnlySpan<byte> data)
    {
        while (data.Length > 0)
        {
            if (_left > 0)
            {
                ReadOnlySpan<byte> piece = data[..(int)Math.Min(_left, data.Length)];
                data = data[piece.Length..];
                _left -= piece.Length;
                Take(piece);
                continue;
            }

            _header[_held++] = data[0];
            data = data[1..];
            if (_held >= 2 && _held == HeaderLength())
            {
                Begin();
            }
        }
    }

    private int HeaderLength() => (_header[1] & 0x7f) switch
    {
        126 => 4,
        127 => 10,
        _ => 2,
    };

    private void Begin()
    {
        _kind = (byte)(_header[0] & 0x0f);
        _left = (_header[1] & 0x7f) switch
        {
            126 => BinaryPrimitives.ReadUInt16BigEndian(_header.AsSpan(2)),
            127 => BinaryPrimitives.ReadInt64BigEndian(_header.AsSpan(2)),
            int length => length,
        };
        _held = _controlHeld = 0;
        if (_left == 0)
        {
            Take([]);
        }
    }

    private void Take(ReadOnlySpan<byte> piece)
    {
        if (_kind < Closing)
        {
            receiver.OnPayload(piece);
            return;
        }

        piece.CopyTo(_control.AsSpan(_controlHeld));
        _controlHeld += piece.Length;
        if (_left == 0 && _kind == Ping)
        {
            receiver.OnPing(_control.AsSpan(0, _controlHeld));
        }
        else if (_left == 0 && _kind == Closing)
        {
            receiver.OnClose();
        }
    }
}

/// <summary>What a <see cref="FrameReader"/> finds.</summary>
internal interface IFrameReceiver
{
    /// <summary>A piece of a message, in order.</summary>
    void OnPayload(ReadOnlySpan<byte> piece);

    void OnPing(ReadOnlySpan<byte> content);

    void OnClose();
}
