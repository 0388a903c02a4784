using HubService.Contracts;
using HubService.Delivery;
using HubService.MessagePack;
using HubService.Streams;

namespace HubService.Tests.Delivery;

/// <summary>A connection of the MessagePack protocol is fed as one of the JSON protocol is.</summary>
public sealed class PackedOutboxTests() : OutboxTests(Protocol())
{
    [Fact]
    public async Task Connections_of_both_protocols_get_the_same_events()
    {
        using Rig rig = new();
        FakeConnection json = rig.Connect(1 << 20);
        FakeConnection packed = rig.Connect(1 << 20, Protocol());
        foreach (FakeConnection connection in new[] { json, packed })
        {
            await rig.SubscribeAsync(connection, prelude: "Greeting");
            await connection.ReadUntil(() => connection.Targets.Length == 1);
        }

        await rig.AppendAsync(100);
        foreach (FakeConnection connection in new[] { json, packed })
        {
            await connection.ReadUntil(() => connection.Seqs.Length == 100);
        }

        Assert.Equal(json.Received.Skip(1).Select(m => m.GetRawText()), packed.Received.Skip(1).Select(m => m.GetRawText()));
        Assert.Equal("Greeting", packed.Targets[0]);
    }

    [Fact]
    public void A_chunk_is_packed_once_for_all_who_take_it()
    {
        LogEntry[] entries = [.. Enumerable.Range(1, 3).Select(i => new LogEntry(i, "evt", "status_update", 0, "{\"a\":1}"u8.ToArray()))];
        OutboundMessage message = EventChunk.Take(StreamKind.Thread, "e", entries, 0).Message;

        Assert.Same(message.Packed, message.Packed);
        Assert.Same(message.Packed.Message, message.Packed.Message);
    }

    private static MessagePackHubProtocol Protocol() => new MessagePackHubProtocol(ContractJson.Carrier, 1 << 20);
}
