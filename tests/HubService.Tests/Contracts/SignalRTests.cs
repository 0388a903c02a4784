using System.Buffers;
using System.Reflection;
using System.Text;
using System.Text.Json;
using HubService.Contracts;
using HubService.Contracts.Agents;
using HubService.Contracts.Projects;
using Microsoft.AspNetCore.SignalR;
using Microsoft.AspNetCore.SignalR.Protocol;
using Microsoft.Extensions.Options;

namespace HubService.Tests.Contracts;

public class SignalRTests
{
    private readonly JsonHubProtocol _protocol = new(Options.Create(new JsonHubProtocolOptions { PayloadSerializerOptions = ContractJson.Options }));

    [Theory]
    [InlineData(typeof(IAgentHub))]
    [InlineData(typeof(IProjectHub))]
    [InlineData(typeof(IAgentClient))]
    [InlineData(typeof(IProjectClient))]
    [InlineData(typeof(ISessionClient))]
    public void Every_type_of_a_hub_method_can_travel(Type hub)
    {
        foreach (MethodInfo method in hub.GetMethods())
        {
            IEnumerable<Type> types = method.GetParameters().Select(p => p.ParameterType).Append(method.ReturnType);
            Assert.All(types.Select(Carried).Where(t => t != typeof(void)), t => Assert.NotNull(ContractJson.Options.GetTypeInfo(t)));
        }
    }

    [Fact]
    public void An_event_travels_raw_and_arrives_typed()
    {
        AgentEvent<JsonElement> sent = new(
            1,
            "agent_streaming",
            "evt_1",
            new ThreadId("thread_1"),
            1,
            "e1",
            DateTimeOffset.UnixEpoch,
            JsonElement.Parse("""{"message_id":"m","delta":"ä","stream_index":0,"extra":true}"""));
        ReadOnlyMemory<byte> bytes = _protocol.GetMessageBytes(new InvocationMessage("AgentStreaming", [sent]));
        Assert.Contains("\"ä\",\"stream_index\":0,\"extra\":true", Encoding.UTF8.GetString(bytes.Span), StringComparison.Ordinal);

        ReadOnlySequence<byte> input = new(bytes);
        Assert.True(_protocol.TryParseMessage(ref input, new Binder(typeof(AgentEvent<AgentStreaming>)), out HubMessage? message));
        AgentEvent<AgentStreaming> arrived = Assert.IsType<AgentEvent<AgentStreaming>>(Assert.IsType<InvocationMessage>(message).Arguments[0]);
        Assert.Equal(new AgentStreaming("m", "ä", 0), arrived.Payload);
        Assert.Equal(DateTimeOffset.UnixEpoch, arrived.Timestamp);
    }

    private static Type Carried(Type type) =>
        type == typeof(Task) ? typeof(void)
        : type.IsGenericType && type.GetGenericTypeDefinition() is Type t && (t == typeof(Task<>) || t == typeof(IAsyncEnumerable<>))
            ? type.GetGenericArguments()[0]
            : type;

    private sealed class Binder(Type argument) : IInvocationBinder
    {
        public Type GetReturnType(string invocationId) => typeof(object);

        public IReadOnlyList<Type> GetParameterTypes(string methodName) => [argument];

        public Type GetStreamItemType(string streamId) => typeof(object);
    }
}
