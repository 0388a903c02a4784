using System.Text;
using System.Text.Json;
using HubService.Contracts;
using HubService.Contracts.Schema;

namespace HubService.Delivery;

/// <summary>A server-to-client invocation of SignalR's JSON protocol.</summary>
internal static class JsonInvocation
{
    public static ReadOnlyMemory<byte> Frame(string method, params IReadOnlyList<object?> arguments)
    {
        string json = string.Join(',', arguments.Select(a => a is null ? "null" : JsonSerializer.Serialize(a, ContractJson.Carrier.GetTypeInfo(a.GetType()))));
        return Encoding.UTF8.GetBytes($$"""{"type":1,"target":"{{method}}","arguments":[{{json}}]}""" + "\u001e");
    }

    /// <summary>What a connection is told about itself.</summary>
    public static ReadOnlyMemory<byte> Session<TPayload>(string type, TPayload payload, TimeProvider time) =>
        Frame(ContractNames.ToPascal(type), new SessionEvent<TPayload>(1, type, Ids.New("evt_"), time.GetUtcNow(), payload));
}
