using System.Buffers;
using System.Runtime.ExceptionServices;
using System.Text.Json;
using HubService.Contracts;
using HubService.MessagePack;
using Microsoft.AspNetCore.SignalR;
using Microsoft.AspNetCore.SignalR.Protocol;

namespace HubService.Delivery;

/// <summary>What both hub protocols do beyond SignalR's own: coded errors for calls that cannot be bound, an answer to every Subscribe, a close that lets reconnect.</summary>
internal static class ProtocolRules
{
    private static readonly string Draining = $"\"{ErrorCodes.Draining}\"";

    /// <summary>Writes a message; whoever waits for an answer to have left is told.</summary>
    public static void Write(IHubProtocol protocol, HubMessage message, IBufferWriter<byte> output, CompletionHooks completions)
    {
        protocol.WriteMessage(message is CloseMessage close ? WithReconnect(close) : message, output);
        if (message is CompletionMessage { Result: { } result })
        {
            completions.Written(result, output);
        }
    }

    /// <summary>SignalR's close says "do not reconnect". That holds only for errors of the client itself; after a close without an error, or by a draining node, it may reconnect.</summary>
    private static CloseMessage WithReconnect(CloseMessage close) =>
        close.Error is null || close.Error.Contains(Draining, StringComparison.Ordinal) ? new CloseMessage(close.Error, allowReconnect: true) : close;

    /// <summary>The cursor starts when the answer to Subscribe has left, so there has to be one, even if the client will not look at it.</summary>
    public static HubMessage Answered(HubMessage message) =>
        message is InvocationMessage { InvocationId: null } subscribe && subscribe.Target.Equals("Subscribe", StringComparison.OrdinalIgnoreCase)
            ? new InvocationMessage("unanswered", subscribe.Target, subscribe.Arguments) { Headers = subscribe.Headers }
            : message;

    /// <summary>Why a call could not be bound, as an exception whose text is the error as JSON.</summary>
    public static ExceptionDispatchInfo Coded(Exception e)
    {
        Exception cause = e.InnerException ?? e;
        HubError error = cause is RefusedItemException refused ? refused.Error : ErrorOf(cause);
        return ExceptionDispatchInfo.Capture(new HubException(JsonSerializer.Serialize(error, ContractJson.Options.GetTypeInfo(typeof(HubError)))));
    }

    private static HubError ErrorOf(Exception cause)
    {
        bool tooDeep = cause is JsonException && cause.Message.Contains("maximum configured depth", StringComparison.Ordinal);
        bool json = cause is JsonException { Path: null }
            || (cause is JsonException && cause.Message.StartsWith("Duplicate property", StringComparison.Ordinal))
            || (cause is JsonException { InnerException: InvalidOperationException text } && text.Message.Contains("UTF-16", StringComparison.Ordinal));
        return tooDeep
            ? new HubError(ErrorCodes.NestingTooDeep, "The message is nested too deeply.")
            : json
                ? new HubError(ErrorCodes.InvalidJson, "The message is not valid JSON.")
                : cause is HubException
                    ? HubError.Invalid("target", "this hub has no such method.")
                    : HubError.Invalid("arguments", "their number or types do not fit the method.");
    }
}
