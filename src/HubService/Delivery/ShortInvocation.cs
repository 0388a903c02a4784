using System.Buffers;
using System.Text.Json;
using Microsoft.AspNetCore.SignalR;
using Microsoft.AspNetCore.SignalR.Protocol;

namespace HubService.Delivery;

/// <summary>Binds an invocation that leaves out trailing arguments, where these may be null. SignalR itself wants all of them.</summary>
internal static class ShortInvocation
{
    /// <summary>Null when the frame is not such an invocation.</summary>
    public static HubMessage? TryBind(IHubProtocol protocol, ReadOnlySequence<byte> frame, IInvocationBinder binder, string target)
    {
        if (TypesOf(target, binder) is not { } types)
        {
            return null;
        }

        int given = CountArguments(frame);
        if (given < 0 || given >= types.Count || types.Skip(given).Any(t => t.IsValueType && Nullable.GetUnderlyingType(t) is null))
        {
            return null;
        }

        return (protocol.TryParseMessage(ref frame, new FirstArguments(binder, given), out HubMessage? message) ? message : null) switch
        {
            InvocationMessage m => new InvocationMessage(m.InvocationId, m.Target, Pad(m.Arguments), m.StreamIds) { Headers = m.Headers },
            StreamInvocationMessage m => new StreamInvocationMessage(m.InvocationId!, m.Target, Pad(m.Arguments), m.StreamIds) { Headers = m.Headers },
            _ => null,
        };

        object?[] Pad(object?[] arguments) => [.. arguments, .. new object?[types.Count - given]];
    }

    private static IReadOnlyList<Type>? TypesOf(string target, IInvocationBinder binder)
    {
        try
        {
            return binder.GetParameterTypes(target);
        }
        catch (HubException)
        {
            // There is no such method.
            return null;
        }
    }

    private static int CountArguments(ReadOnlySequence<byte> frame)
    {
        try
        {
            var reader = new Utf8JsonReader(frame.Slice(0, frame.Length - 1));
            while (reader.Read())
            {
                if (reader.CurrentDepth == 1 && reader.TokenType == JsonTokenType.PropertyName && reader.ValueTextEquals("arguments"u8))
                {
                    return reader.Read() && reader.TokenType == JsonTokenType.StartArray ? CountItems(ref reader) : -1;
                }
            }
        }
        catch (JsonException)
        {
            // Not such an invocation; the caller answers for what it is.
        }

        return -1;
    }

    private static int CountItems(ref Utf8JsonReader reader)
    {
        int count = 0;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            count++;
            reader.Skip();
        }

        return count;
    }

    private sealed class FirstArguments(IInvocationBinder inner, int count) : IInvocationBinder
    {
        public Type GetReturnType(string invocationId) => inner.GetReturnType(invocationId);

        public IReadOnlyList<Type> GetParameterTypes(string methodName) => [.. inner.GetParameterTypes(methodName).Take(count)];

        public Type GetStreamItemType(string streamId) => inner.GetStreamItemType(streamId);
    }
}
