using System.Text.Json;
using Microsoft.AspNetCore.SignalR;
using Microsoft.AspNetCore.SignalR.Protocol;

namespace HubService.MessagePack;

/// <summary>Reads the arrays of SignalR's MessagePack protocol. The whole message is known to be well-formed before any of its values is bound.</summary>
internal sealed class MessageReading(JsonSerializerOptions options, int maxBytes)
{
    /// <summary>Headers and streams of one message: a client sends none or a few, and each costs far more memory than it has bytes.</summary>
    private const int MaxExtras = 64;

    private readonly ValueBinding _values = new(options, maxBytes);

    /// <exception cref="InvalidDataException">It is no message.</exception>
    public HubMessage Read(ReadOnlySpan<byte> message, IInvocationBinder binder)
    {
        var whole = new MessagePackReader(message);
        whole.Skip();
        if (!whole.AtEnd)
        {
            throw new InvalidDataException("Something follows the message.");
        }

        var reader = new MessagePackReader(message);
        int items = reader.ReadArrayHeader();
        if (items == 0)
        {
            throw new InvalidDataException("A message begins with its type.");
        }

        long type = reader.ReadInteger();
        int least = type switch
        {
            MessageTypes.Invocation or MessageTypes.StreamInvocation => 5,
            MessageTypes.StreamItem or MessageTypes.Completion => 4,
            MessageTypes.CancelInvocation => 3,
            MessageTypes.Close => 2,
            _ => 1,
        };
        if (items < least)
        {
            throw new InvalidDataException($"A message of type {type} has at least {least} items.");
        }

        return type switch
        {
            MessageTypes.Close => Close(ref reader, items),
            >= MessageTypes.Invocation and <= MessageTypes.CancelInvocation => Named(ref reader, message, binder, (int)type, items),

            // A ping, or a kind that the protocol does not know, which is skipped as with JSON.
            _ => PingMessage.Instance,
        };
    }

    private static CloseMessage Close(ref MessagePackReader reader, int items)
    {
        string? error = reader.ReadTextOrNil();
        if (items > 2)
        {
            reader.Read();
        }

        return new CloseMessage(error, allowReconnect: items > 2 && reader.Kind == MessagePackKind.True);
    }

    /// <summary>Everything that has headers and the id of a call or a stream.</summary>
    private HubMessage Named(ref MessagePackReader reader, ReadOnlySpan<byte> message, IInvocationBinder binder, int type, int items)
    {
        Dictionary<string, string>? headers = Headers(ref reader);
        string? id = reader.ReadTextOrNil();
        if (id is null && type != MessageTypes.Invocation)
        {
            throw new InvalidDataException($"A message of type {type} has an id.");
        }

        HubMessage named = type switch
        {
            MessageTypes.StreamItem => _values.StreamItem(id!, message[reader.Position..], binder),
            MessageTypes.Completion => Completion(ref reader, message, binder, id!, items),
            MessageTypes.CancelInvocation => new CancelInvocationMessage(id!),
            _ => Call(ref reader, message, binder, id, items, type == MessageTypes.StreamInvocation),
        };
        if (named is HubInvocationMessage invocation)
        {
            invocation.Headers = headers;
        }

        return named;
    }

    private HubMessage Call(ref MessagePackReader reader, ReadOnlySpan<byte> message, IInvocationBinder binder, string? id, int items, bool isStream)
    {
        string target = reader.ReadText();
        int given = reader.ReadArrayHeader();
        ReadOnlySpan<byte> arguments = message[reader.Position..];
        for (int i = 0; i < given; i++)
        {
            reader.Skip();
        }

        string[]? streams = items > 5 ? Streams(ref reader) : null;
        return _values.Call(id, target, arguments, given, streams, isStream, binder);
    }

    private CompletionMessage Completion(ref MessagePackReader reader, ReadOnlySpan<byte> message, IInvocationBinder binder, string id, int items)
    {
        long kind = reader.ReadInteger();
        if (kind is not (MessageTypes.Failed or MessageTypes.Void or MessageTypes.HasResult) || (kind != MessageTypes.Void && items < 5))
        {
            throw new InvalidDataException("A completion fails, is void or has a result.");
        }

        return kind switch
        {
            MessageTypes.Failed => CompletionMessage.WithError(id, reader.ReadText()),
            MessageTypes.Void => CompletionMessage.Empty(id),
            _ => _values.Result(id, message[reader.Position..], binder),
        };
    }

    private static Dictionary<string, string>? Headers(ref MessagePackReader reader)
    {
        int count = AtMost(reader.ReadMapHeader());
        Dictionary<string, string>? headers = count == 0 ? null : new(StringComparer.Ordinal);
        for (int i = 0; i < count; i++)
        {
            string name = reader.ReadText();
            headers![name] = reader.ReadText();
        }

        return headers;
    }

    private static string[] Streams(ref MessagePackReader reader)
    {
        string[] streams = new string[AtMost(reader.ReadArrayHeader())];
        for (int i = 0; i < streams.Length; i++)
        {
            streams[i] = reader.ReadText();
        }

        return streams;
    }

    private static int AtMost(int count) => count <= MaxExtras ? count : throw new InvalidDataException($"A message has at most {MaxExtras} headers, and as many streams.");
}
