using HubService.MessagePack;
using Microsoft.AspNetCore.SignalR;

namespace HubService.Delivery;

/// <summary>Bytes ready for a connection of a hub protocol, JSON if no other is named, shared by all its receivers.</summary>
internal sealed class OutboundMessage(ReadOnlyMemory<byte> frame, string protocol = "json")
{
    private OutboundMessage? _packed;
    private SerializedHubMessage? _message;

    public ReadOnlyMemory<byte> Frame { get; } = frame;

    /// <summary>For a connection that SignalR writes to.</summary>
    public SerializedHubMessage Message => _message ??= new SerializedHubMessage([new SerializedMessage(protocol, Frame)]);

    /// <summary>The same in MessagePack: made for the first receiver that speaks it, then shared. Of a JSON message only.</summary>
    public OutboundMessage Packed => _packed ??= new OutboundMessage(MessagePackInvocations.FromJson(Frame.Span), MessagePackHubProtocol.ProtocolName);

    /// <summary>Other bytes of the same protocol.</summary>
    public OutboundMessage With(ReadOnlyMemory<byte> frames) => new(frames, protocol);
}
