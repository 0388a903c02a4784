using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using HubService.MessagePack;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.SignalR;
using Microsoft.AspNetCore.SignalR.Protocol;

namespace HubService.Delivery;

/// <summary>
/// The MessagePack protocol with what <see cref="StrictJsonHubProtocol"/> adds to SignalR's: coded errors for calls that
/// cannot be bound, news of answers that have left, closes that let reconnect.
/// </summary>
internal sealed class StrictMessagePackHubProtocol(MessagePackHubProtocol inner, CompletionHooks completions) : IHubProtocol
{
    public string Name => inner.Name;

    public int Version => inner.Version;

    public TransferFormat TransferFormat => inner.TransferFormat;

    public bool IsVersionSupported(int version) => inner.IsVersionSupported(version);

    public ReadOnlyMemory<byte> GetMessageBytes(HubMessage message) => inner.GetMessageBytes(message);

    public void WriteMessage(HubMessage message, IBufferWriter<byte> output) => ProtocolRules.Write(inner, message, output, completions);

    public bool TryParseMessage(ref ReadOnlySequence<byte> input, IInvocationBinder binder, [NotNullWhen(true)] out HubMessage? message)
    {
        if (!inner.TryParseMessage(ref input, binder, out message))
        {
            return false;
        }

        message = message is InvocationBindingFailureMessage failure
            ? new InvocationBindingFailureMessage(failure.InvocationId, failure.Target, ProtocolRules.Coded(failure.BindingFailure.SourceException))
            : ProtocolRules.Answered(message);
        return true;
    }
}
