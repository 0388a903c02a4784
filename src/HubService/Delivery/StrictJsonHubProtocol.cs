using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using HubService.Contracts;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.SignalR;
using Microsoft.AspNetCore.SignalR.Protocol;

namespace HubService.Delivery;

/// <summary>
/// SignalR's JSON protocol with four additions: a frame that cannot be read or bound is answered with a coded error,
/// instead of closing the connection or saying only that something failed; trailing optional
/// arguments may be left out; whoever waits for an answer to have left is told; and a close that is not the client's fault
/// lets it reconnect.
/// </summary>
internal sealed class StrictJsonHubProtocol(JsonHubProtocol inner, CompletionHooks completions) : IHubProtocol
{
    /// <summary>The invocation id of the answer to a frame that names none; no client waits for it.</summary>
    public const string Unreadable = "unreadable";

    private const byte RecordSeparator = 0x1e;

    public string Name => inner.Name;

    public int Version => inner.Version;

    public TransferFormat TransferFormat => inner.TransferFormat;

    public bool IsVersionSupported(int version) => inner.IsVersionSupported(version);

    public ReadOnlyMemory<byte> GetMessageBytes(HubMessage message) => inner.GetMessageBytes(message);

    public void WriteMessage(HubMessage message, IBufferWriter<byte> output) => ProtocolRules.Write(inner, message, output, completions);

    public bool TryParseMessage(ref ReadOnlySequence<byte> input, IInvocationBinder binder, [NotNullWhen(true)] out HubMessage? message)
    {
        message = null;
        if (input.PositionOf(RecordSeparator) is not { } end)
        {
            return false;
        }

        ReadOnlySequence<byte> frame = input.Slice(0, input.GetPosition(1, end));
        input = input.Slice(frame.End);
        ReadOnlySequence<byte> rest = frame;
        try
        {
            if (!inner.TryParseMessage(ref rest, binder, out message))
            {
                // A message of a type the protocol does not know is skipped, as SignalR does.
                message = PingMessage.Instance;
            }
        }
        catch (InvalidDataException e)
        {
            (string id, string target) = FindInvocation(frame);
            message = new InvocationBindingFailureMessage(id, target, ProtocolRules.Coded(e));
            return true;
        }

        if (message is InvocationBindingFailureMessage failure)
        {
            message = ShortInvocation.TryBind(inner, frame, binder, failure.Target) ?? new InvocationBindingFailureMessage(failure.InvocationId, failure.Target, ProtocolRules.Coded(failure.BindingFailure.SourceException));
        }

        message = ProtocolRules.Answered(message);
        return true;
    }

    /// <summary>Finds whom to answer in a frame that could not be read as a whole.</summary>
    private static (string Id, string Target) FindInvocation(ReadOnlySequence<byte> frame)
    {
        byte[] bytes = frame.ToArray();
        return (FindText(bytes, "\"invocationId\":\""u8) ?? Unreadable, FindText(bytes, "\"target\":\""u8) ?? "unknown");
    }

    private static string? FindText(ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> name)
    {
        int at = bytes.LastIndexOf(name);
        if (at < 0)
        {
            return null;
        }

        ReadOnlySpan<byte> value = bytes[(at + name.Length)..];
        int end = value.IndexOf((byte)'"');
        return end is > 0 and <= 64 && Ids.IsValid(Encoding.UTF8.GetString(value[..end])) ? Encoding.UTF8.GetString(value[..end]) : null;
    }
}
