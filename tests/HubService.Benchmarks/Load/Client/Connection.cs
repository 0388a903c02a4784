using System.Net;
using System.Net.Sockets;
using System.Text;

namespace HubService.Benchmarks.Load.Client;

/// <summary>
/// One connection that speaks SignalR's JSON protocol over a WebSocket. It is opened and joined on the caller's thread, then read by
/// one thread, which may have many; what it receives is searched for markers, and not parsed.
/// </summary>
internal sealed class Connection : IFrameReceiver, IDisposable
{
    private const byte RecordEnd = 0x1e;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly Lock _sending = new();
    private readonly FrameReader _frames;
    private readonly IConnectionReader _reader;
    private readonly MarkerScanner _scanner;
    private readonly List<byte> _record = [];
    private bool _greeted;

    public Connection(IConnectionReader reader, int index, int group)
    {
        (_reader, Index, Group) = (reader, index, group);
        _frames = new FrameReader(this);
        _scanner = new MarkerScanner((nanosecond, number) => reader.OnEvent(this, nanosecond, number));
    }

    public int Index { get; }

    public int Group { get; }

    public Socket Socket => _socket;

    /// <summary>The number of the newest event, 0 at first.</summary>
    public long Last { get; set; }

    /// <summary>When it was received, 0 at first.</summary>
    public long LastAt { get; set; }

    public bool Joined { get; private set; }

    /// <summary>The server has closed it.</summary>
    public bool Ended { get; private set; }

    /// <summary>Connects, and greets as SignalR wants it.</summary>
    /// <exception cref="IOException">The server refused.</exception>
    public void Open(Endpoint server, bool negotiate)
    {
        _socket.ReceiveTimeout = _socket.SendTimeout = (int)Patience.TotalMilliseconds;
        _socket.Connect(IPAddress.Loopback, server.Port);
        byte[] rest = Handshake.Upgrade(_socket, server, negotiate);
        Send(Frames.Of("""{"protocol":"json","version":1}"""));
        _frames.Feed(rest);
        ReadUntil(() => _greeted);
    }

    /// <summary>Joins, and returns when the server has answered.</summary>
    /// <exception cref="IOException">The server refused.</exception>
    public void Join(string message)
    {
        Send(Frames.Of(message));
        ReadUntil(() => Joined);
    }

    /// <summary>From here on <see cref="Read"/> is called when there is something.</summary>
    public void StopBlocking() => _socket.Blocking = false;

    /// <summary>Reads what is there, once.</summary>
    public void Read(byte[] buffer)
    {
        int read = _socket.Receive(buffer, SocketFlags.None, out SocketError error);
        if (read > 0)
        {
            _frames.Feed(buffer.AsSpan(0, read));
        }
        else if (error is not (SocketError.WouldBlock or SocketError.Interrupted))
        {
            Ended = true;
        }
    }

    /// <summary>Sends a whole frame, and waits as long as the server takes nothing; nothing is sent when the connection has ended.</summary>
    public void Send(ReadOnlySpan<byte> frame)
    {
        lock (_sending)
        {
            while (frame.Length > 0 && !Ended)
            {
                int sent = _socket.Send(frame, SocketFlags.None, out SocketError error);
                if (error == SocketError.WouldBlock)
                {
                    Native.Sleep(50_000);
                }
                else if (error != SocketError.Success)
                {
                    Ended = true;
                }

                frame = frame[Math.Max(0, sent)..];
            }
        }
    }

    public void Dispose() => _socket.Dispose();

    void IFrameReceiver.OnPayload(ReadOnlySpan<byte> piece)
    {
        while (!Joined && piece.Length > 0)
        {
            int end = piece.IndexOf(RecordEnd);
            _record.AddRange(end < 0 ? piece : piece[..end]);
            if (end < 0)
            {
                return;
            }

            piece = piece[(end + 1)..];
            TakeRecord(Encoding.UTF8.GetString([.. _record]));
            _record.Clear();
        }

        if (piece.Length > 0)
        {
            _scanner.Scan(piece);
        }
    }

    void IFrameReceiver.OnPing(ReadOnlySpan<byte> content) => Send(Frames.Pong(content));

    void IFrameReceiver.OnClose() => Ended = true;

    /// <summary>An answer to what was asked before this connection has joined; one that never joins gets all its answers here.</summary>
    private void TakeRecord(string record)
    {
        bool refused = record.Contains("\"error\":", StringComparison.Ordinal) && !record.Contains("\"error\":null", StringComparison.Ordinal);
        if (!_greeted)
        {
            _greeted = !refused ? true : throw new IOException($"The handshake was refused: {record}");
        }
        else if (record.Contains("\"invocationId\":\"join\"", StringComparison.Ordinal))
        {
            Joined = !refused ? true : throw new IOException($"Joining was refused: {record}");
        }
        else if (record.Contains("\"invocationId\":", StringComparison.Ordinal))
        {
            _reader.OnAnswer(this, record, refused);
        }
    }

    private void ReadUntil(Func<bool> done)
    {
        byte[] buffer = new byte[4096];
        while (!done())
        {
            Read(buffer);
            if (Ended)
            {
                throw new IOException("The server closed a connection while it was opened.");
            }
        }
    }
}

/// <summary>What a <see cref="Connection"/> tells about.</summary>
internal interface IConnectionReader
{
    /// <summary>An event arrived.</summary>
    void OnEvent(Connection connection, long nanosecond, long number);

    /// <summary>A call was answered.</summary>
    void OnAnswer(Connection connection, string record, bool refused);
}
