using System.Buffers;
using System.Text.Json;
using HubService.Contracts;
using HubService.Contracts.Schema;
using HubService.MessagePack;

namespace HubService.Delivery;

/// <summary>A server-to-client invocation of SignalR's JSON protocol.</summary>
internal static class JsonInvocation
{
    private static readonly JsonWriterOptions Options = new() { Encoder = ContractJson.Carrier.Encoder, MaxDepth = ContractJson.Carrier.MaxDepth, SkipValidation = true };

    /// <summary>No more bytes than it has: it may wait long. An argument may nest two levels less deeply than elsewhere, which is deeper than any event.</summary>
    public static ReadOnlyMemory<byte> Frame(string method, params IReadOnlyList<object?> arguments)
    {
        using var frame = new PooledBytes();
        using (var json = new Utf8JsonWriter(frame, Options))
        {
            json.WriteStartObject();
            json.WriteNumber("type"u8, 1);
            json.WriteString("target"u8, method);
            json.WriteStartArray("arguments"u8);
            foreach (object? argument in arguments)
            {
                WriteArgument(json, argument);
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        frame.Write("\u001e"u8);
        return frame.Written.ToArray();
    }

    /// <summary>What a connection is told about itself.</summary>
    public static ReadOnlyMemory<byte> Session<TPayload>(string type, TPayload payload, TimeProvider time) =>
        Frame(ContractNames.ToPascal(type), new SessionEvent<TPayload>(1, type, Ids.New("evt_"), time.GetUtcNow(), payload));

    private static void WriteArgument(Utf8JsonWriter json, object? argument)
    {
        if (argument is null)
        {
            json.WriteNullValue();
        }
        else
        {
            JsonSerializer.Serialize(json, argument, ContractJson.Carrier.GetTypeInfo(argument.GetType()));
        }
    }
}
