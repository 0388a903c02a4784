using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using System.Text.Json;
using HubService.Delivery;
using HubService.MessagePack;
using HubService.Tests.MessagePack;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.SignalR;
using Microsoft.AspNetCore.SignalR.Protocol;
using Microsoft.Extensions.Logging.Abstractions;

namespace HubService.Tests.Delivery;

/// <summary>A SignalR connection over a pipe in memory, whose client reads only when told to.</summary>
internal sealed class FakeConnection
{
    private readonly Pipe _toClient;
    private readonly DefaultConnectionContext _transport;

    /// <param name="room">Bytes the connection takes before a write has to wait.</param>
    public FakeConnection(string id, Outboxes outboxes, int room, IHubProtocol protocol)
    {
        _toClient = new Pipe(new PipeOptions(pauseWriterThreshold: room, resumeWriterThreshold: room / 2, useSynchronizationContext: false));
        _transport = new DefaultConnectionContext(id) { Transport = new Ends(new Pipe().Reader, _toClient.Writer) };
        _transport.Features.Set<Microsoft.AspNetCore.Connections.Features.IConnectionLifetimeFeature>(_transport);
        Hub = new HubConnectionContext(_transport, new HubConnectionContextOptions(), NullLoggerFactory.Instance) { Protocol = protocol };
        Outbox = outboxes.Open(Hub);
    }

    public HubConnectionContext Hub { get; }

    public Outbox Outbox { get; }

    public string Id => _transport.ConnectionId;

    /// <summary>True when the transport was cut, as opposed to closed with a message.</summary>
    public bool Cut => _transport.ConnectionClosed.IsCancellationRequested;

    public List<JsonElement> Received { get; } = [];

    /// <summary>The seqs of the events received, in order.</summary>
    public long[] Seqs => [.. Received.Where(m => m.GetProperty("arguments")[0].TryGetProperty("seq", out _)).Select(m => m.GetProperty("arguments")[0].GetProperty("seq").GetInt64())];

    public string[] Targets => [.. Received.Select(m => m.GetProperty("target").GetString()!)];

    /// <summary>Takes what is there now.</summary>
    public void Read()
    {
        while (TryReadSome())
        {
            // More may have come meanwhile.
        }
    }

    /// <summary>Reads until the condition holds.</summary>
    public Task ReadUntil(Func<bool> condition) => Client.Wait.Until(() =>
    {
        // Looks after each read: one that went on for as long as there is more could keep up with a writer that it lets go on, to its end.
        while (!condition() && TryReadSome())
        {
        }

        return condition();
    });

    private bool TryReadSome()
    {
        if (!_toClient.Reader.TryRead(out ReadResult read))
        {
            return false;
        }

        ReadOnlySequence<byte> buffer = read.Buffer;
        while (Hub.Protocol is JsonHubProtocol ? TakeJson(ref buffer) : TakePacked(ref buffer))
        {
            // There may be more.
        }

        _toClient.Reader.AdvanceTo(buffer.Start, buffer.End);
        return true;
    }

    private bool TakeJson(ref ReadOnlySequence<byte> buffer)
    {
        if (buffer.PositionOf((byte)0x1e) is not { } end)
        {
            return false;
        }

        Received.Add(JsonElement.Parse(Encoding.UTF8.GetString(buffer.Slice(0, end))));
        buffer = buffer.Slice(buffer.GetPosition(1, end));
        return true;
    }

    /// <summary>An invocation of the MessagePack protocol, kept as what it is in JSON.</summary>
    private bool TakePacked(ref ReadOnlySequence<byte> buffer)
    {
        if (!MessagePackFrame.TryTake(ref buffer, int.MaxValue, out ReadOnlySequence<byte> message))
        {
            return false;
        }

        JsonElement items = JsonElement.Parse(Packed.ToJson(message.ToArray()));
        Assert.Equal(6, items.GetArrayLength());
        Received.Add(JsonSerializer.SerializeToElement(new { type = items[0], target = items[3], arguments = items[4] }));
        return true;
    }

    private sealed record Ends(PipeReader Input, PipeWriter Output) : IDuplexPipe;
}
