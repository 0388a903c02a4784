using Microsoft.AspNetCore.SignalR;

namespace HubService.Delivery;

/// <summary>Bytes ready for a connection of SignalR's JSON protocol, shared by all its receivers.</summary>
internal sealed class OutboundMessage(ReadOnlyMemory<byte> frame)
{
    public ReadOnlyMemory<byte> Frame { get; } = frame;

    public SerializedHubMessage Message { get; } = new([new SerializedMessage("json", frame)]);
}
