using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Json;
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

    private static readonly string Draining = $"\"{ErrorCodes.Draining}\"";

    public string Name => inner.Name;

    public int Version => inner.Version;

    public TransferFormat TransferFormat => inner.TransferFormat;

    public bool IsVersionSupported(int version) => inner.IsVersionSupported(version);

    public ReadOnlyMemory<byte> GetMessageBytes(HubMessage message) => inner.GetMessageBytes(message);

    public void WriteMessage(HubMessage message, IBufferWriter<byte> output)
    {
        inner.WriteMessage(message is CloseMessage close ? WithReconnect(close) : message, output);
        if (message is CompletionMessage { Result: { } result })
        {
            completions.Written(result);
        }
    }

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
            message = new InvocationBindingFailureMessage(id, target, Coded(e));
            return true;
        }

        if (message is InvocationBindingFailureMessage failure)
        {
            message = ShortInvocation.TryBind(inner, frame, binder, failure.Target) ?? new InvocationBindingFailureMessage(failure.InvocationId, failure.Target, Coded(failure.BindingFailure.SourceException));
        }

        if (message is InvocationMessage { InvocationId: null } subscribe && subscribe.Target.Equals("Subscribe", StringComparison.OrdinalIgnoreCase))
        {
            // The cursor starts when the answer has left, so there has to be one, even if the client will not look at it.
            message = new InvocationMessage("unanswered", subscribe.Target, subscribe.Arguments) { Headers = subscribe.Headers };
        }

        return true;
    }

    /// <summary>SignalR's close says "do not reconnect". That holds only for errors of the client itself; after a close without an error, or by a draining node, it may reconnect.</summary>
    private static CloseMessage WithReconnect(CloseMessage close) =>
        close.Error is null || close.Error.Contains(Draining, StringComparison.Ordinal) ? new CloseMessage(close.Error, allowReconnect: true) : close;

    private static System.Runtime.ExceptionServices.ExceptionDispatchInfo Coded(Exception e)
    {
        Exception cause = e.InnerException ?? e;
        bool tooDeep = cause is JsonException && cause.Message.Contains("maximum configured depth", StringComparison.Ordinal);
        bool json = cause is JsonException { Path: null }
            || (cause is JsonException && cause.Message.StartsWith("Duplicate property", StringComparison.Ordinal))
            || (cause is JsonException { InnerException: InvalidOperationException text } && text.Message.Contains("UTF-16", StringComparison.Ordinal));
        HubError error = tooDeep
            ? new HubError(ErrorCodes.NestingTooDeep, "The message is nested too deeply.")
            : json
                ? new HubError(ErrorCodes.InvalidJson, "The message is not valid JSON.")
                : cause is HubException
                    ? HubError.Invalid("target", "this hub has no such method.")
                    : HubError.Invalid("arguments", "their number or types do not fit the method.");
        return System.Runtime.ExceptionServices.ExceptionDispatchInfo.Capture(
            new HubException(JsonSerializer.Serialize(error, ContractJson.Options.GetTypeInfo(typeof(HubError)))));
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
