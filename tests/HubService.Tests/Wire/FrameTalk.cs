using System.IO.Pipelines;
using System.Net.WebSockets;
using System.Text.Unicode;
using HubService.Wire;
using Microsoft.Extensions.Options;

namespace HubService.Tests.Wire;

/// <summary>What a server hears of a client's bytes, and how it closes: with messages read directly, and by .NET's WebSocket alone.</summary>
internal sealed class FrameTalk : IDisposable
{
    private static readonly WebSocketCreationOptions _asServer = new() { IsServer = true, KeepAliveInterval = TimeSpan.Zero };

    private readonly Gatherer _gatherer = new(Options.Create(new WireOptions { Gather = TimeSpan.Zero }), TimeProvider.System);

    /// <param name="pieces">The client's bytes as they arrive, and then its end.</param>
    public async Task<Heard> DirectAsync(IEnumerable<ReadOnlyMemory<byte>> pieces)
    {
        Pipe pipe = new(new PipeOptions(pauseWriterThreshold: 0));
        Ends upgraded = new(Stream.Null);
        DirectInput messages = new();
        DirectReader reader = new(messages, static () => null);
        DirectWriter writer = new(upgraded, null, _gatherer, TimeProvider.System, CancellationToken.None);
        reader.Start(pipe.Reader);
        MemoryStream heard = new();
        Task hub = ReadAsync(messages, heard);
        await using DirectStream stream = new(upgraded, writer, reader, TimeSpan.FromSeconds(30), TimeProvider.System, null);
        using (var socket = WebSocket.CreateFromStream(stream, _asServer))
        {
            MemoryStream none = new();
            Task transport = ReceiveAsync(socket, none);
            foreach (ReadOnlyMemory<byte> piece in pieces)
            {
                await pipe.Writer.WriteAsync(piece);
            }

            await pipe.Writer.CompleteAsync();
            await transport;
            Assert.Equal(0, none.Length);
        }

        await hub;
        await reader.Finished;
        return new Heard(heard.ToArray(), upgraded.Written.Frames, TookNoText: false);
    }

    public static async Task<Heard> PlainAsync(byte[] bytes)
    {
        await using Ends stream = new(new MemoryStream(bytes));
        MemoryStream heard = new();
        using var socket = WebSocket.CreateFromStream(stream, _asServer);
        bool tookNoText = await ReceiveAsync(socket, heard);
        return new Heard(heard.ToArray(), stream.Written.Frames, tookNoText);
    }

    public void Dispose() => _gatherer.Dispose();

    /// <summary>As SignalR's transport does it.</summary>
    /// <returns>Was a text taken that is none? .NET does not look when the last frame of it is empty.</returns>
    private static async Task<bool> ReceiveAsync(WebSocket socket, MemoryStream heard)
    {
        byte[] buffer = new byte[4096];
        int begin = 0;
        bool tookNoText = false;
        bool Take(ValueWebSocketReceiveResult read)
        {
            heard.Write(buffer, 0, read.Count);
            if (read.EndOfMessage)
            {
                tookNoText |= read.MessageType == WebSocketMessageType.Text && !Utf8.IsValid(heard.GetBuffer().AsSpan(begin, (int)heard.Length - begin));
                begin = (int)heard.Length;
            }

            return read.MessageType != WebSocketMessageType.Close;
        }

        try
        {
            while (Take(await socket.ReceiveAsync(Memory<byte>.Empty, CancellationToken.None)) && Take(await socket.ReceiveAsync(buffer.AsMemory(), CancellationToken.None)))
            {
            }
        }
        catch (WebSocketException)
        {
            // It closes by itself over what breaks the rules.
        }

        if (socket.State is WebSocketState.Open or WebSocketState.CloseReceived)
        {
            await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, "", CancellationToken.None);
        }

        return tookNoText;
    }

    private static async Task ReadAsync(PipeReader messages, Stream heard)
    {
        while (true)
        {
            ReadResult read = await messages.ReadAsync();
            foreach (ReadOnlyMemory<byte> part in read.Buffer)
            {
                heard.Write(part.Span);
            }

            messages.AdvanceTo(read.Buffer.End);
            if (read.IsCompleted)
            {
                await messages.CompleteAsync();
                return;
            }
        }
    }

    /// <param name="Messages">The bytes of all messages.</param>
    /// <param name="Answered">The frames that went back.</param>
    internal sealed record Heard(byte[] Messages, IReadOnlyList<(int Opcode, byte[] Payload)> Answered, bool TookNoText)
    {
        /// <summary>Null when the connection ended without a goodbye.</summary>
        public int? Code => Answered.Where(f => f.Opcode == 8).Select(f => (int?)(f.Payload.Length < 2 ? 1005 : (f.Payload[0] << 8) | f.Payload[1])).SingleOrDefault();

        public IEnumerable<byte[]> Pongs => Answered.Where(f => f.Opcode == 10).Select(f => f.Payload);
    }

    /// <summary>Reads one stream, and keeps what is written.</summary>
    private sealed class Ends(Stream read) : Stream
    {
        public FrameReader Written { get; } = new();

        public override bool CanRead => true;

        public override bool CanWrite => true;

        public override bool CanSeek => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override int Read(byte[] buffer, int offset, int count) => read.Read(buffer, offset, count);

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => read.ReadAsync(buffer, cancellationToken);

        public override void Write(byte[] buffer, int offset, int count) => Written.Add(buffer.AsSpan(offset, count));

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            Written.Add(buffer.Span);
            return default;
        }

        public override void Flush()
        {
            // Nothing is kept back.
        }

        public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();
    }
}
