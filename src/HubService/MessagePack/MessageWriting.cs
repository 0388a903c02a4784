using System.Text.Json;
using Microsoft.AspNetCore.SignalR.Protocol;

namespace HubService.MessagePack;

/// <summary>Writes SignalR's messages as the arrays of its MessagePack protocol, values by way of their JSON.</summary>
internal sealed class MessageWriting(JsonSerializerOptions options)
{
    public void Write(HubMessage message, MessagePackWriter writer)
    {
        switch (message)
        {
            case InvocationMessage m: Call(writer, MessageTypes.Invocation, m); break;
            case StreamInvocationMessage m: Call(writer, MessageTypes.StreamInvocation, m); break;
            case StreamItemMessage m:
                Begin(writer, 4, MessageTypes.StreamItem, m);
                Value(writer, m.Item);
                break;
            case CompletionMessage m: Completion(writer, m); break;
            case CancelInvocationMessage m: Begin(writer, 3, MessageTypes.CancelInvocation, m); break;
            case PingMessage:
                writer.ArrayHeader(1);
                writer.Integer(MessageTypes.Ping);
                break;
            case CloseMessage m:
                writer.ArrayHeader(3);
                writer.Integer(MessageTypes.Close);
                writer.TextOrNil(m.Error);
                writer.Boolean(m.AllowReconnect);
                break;
            default: throw new InvalidOperationException($"{message.GetType().Name} is no message of version 1.");
        }
    }

    private void Call(MessagePackWriter writer, int type, HubMethodInvocationMessage message)
    {
        Begin(writer, 6, type, message);
        writer.Text(message.Target);
        writer.ArrayHeader(message.Arguments.Length);
        foreach (object? argument in message.Arguments)
        {
            Value(writer, argument);
        }

        writer.ArrayHeader(message.StreamIds?.Length ?? 0);
        foreach (string id in message.StreamIds ?? [])
        {
            writer.Text(id);
        }
    }

    private void Completion(MessagePackWriter writer, CompletionMessage message)
    {
        int kind = message.Error is not null ? MessageTypes.Failed : message.HasResult ? MessageTypes.HasResult : MessageTypes.Void;
        Begin(writer, kind == MessageTypes.Void ? 4 : 5, MessageTypes.Completion, message);
        writer.Integer(kind);
        switch (kind)
        {
            case MessageTypes.Failed: writer.Text(message.Error!); break;
            case MessageTypes.HasResult: Value(writer, message.Result); break;
        }
    }

    private static void Begin(MessagePackWriter writer, int items, int type, HubInvocationMessage message)
    {
        writer.ArrayHeader(items);
        writer.Integer(type);
        writer.MapHeader(message.Headers?.Count ?? 0);
        if (message.Headers is { } headers)
        {
            foreach ((string name, string value) in headers)
            {
                writer.Text(name);
                writer.Text(value);
            }
        }

        writer.TextOrNil(message.InvocationId);
    }

    private void Value(MessagePackWriter writer, object? value)
    {
        if (value is null)
        {
            writer.Nil();
        }
        else
        {
            using var json = new PooledBytes();
            using (var utf8 = new Utf8JsonWriter(json, new JsonWriterOptions { SkipValidation = true, Encoder = options.Encoder }))
            {
                JsonSerializer.Serialize(utf8, value, options.GetTypeInfo(value.GetType()));
            }

            JsonToMessagePack.Write(json.Written, writer);
        }
    }
}
