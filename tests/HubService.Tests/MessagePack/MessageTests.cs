using System.Buffers;
using System.Text.Json;
using HubService.Contracts;
using HubService.MessagePack;
using Microsoft.AspNetCore.SignalR.Protocol;

namespace HubService.Tests.MessagePack;

/// <summary>SignalR's messages and their bytes; the examples are those of its specification.</summary>
public class MessageTests
{
    private readonly MessagePackHubProtocol _protocol = new(ContractJson.Carrier, 1_000_000);

    [Fact]
    public void Messages_are_written_as_the_specification_says()
    {
        Dictionary<string, string> headers = new() { ["x"] = "y", ["z"] = "z" };
        Is("96 01 80 a378797a a66d6574686f64 91 2a 90", new InvocationMessage("xyz", "method", [42]));
        Is("96 01 80 c0 a66d6574686f64 91 2a 90", new InvocationMessage("method", [42]));
        Is("96 01 82 a178 a179 a17a a17a a378797a a66d6574686f64 91 2a 90", new InvocationMessage("xyz", "method", [42]) { Headers = headers });
        Is("96 01 80 c0 a66d6574686f64 90 91 a173", new InvocationMessage(null, "method", [], ["s"]));
        Is("96 04 80 a378797a a66d6574686f64 91 2a 90", new StreamInvocationMessage("xyz", "method", [42]));
        Is("94 02 80 a378797a 2a", new StreamItemMessage("xyz", 42));
        Is("95 03 80 a378797a 01 a54572726f72", CompletionMessage.WithError("xyz", "Error"));
        Is("94 03 80 a378797a 02", CompletionMessage.Empty("xyz"));
        Is("95 03 80 a378797a 03 2a", CompletionMessage.WithResult("xyz", 42));
        Is("95 03 80 a378797a 03 c0", CompletionMessage.WithResult("xyz", null));
        Is("93 05 80 a378797a", new CancelInvocationMessage("xyz"));
        Is("91 06", PingMessage.Instance);
        Is("93 07 a378797a c2", new CloseMessage("xyz"));
        Is("93 07 c0 c3", new CloseMessage(null, allowReconnect: true));
    }

    [Fact]
    public void A_result_is_written_with_the_names_of_the_contract() =>
        Is("95 03 80 a131 03 83 a27473 07 a9 7365727665725f7473 08 a46e6f6465 a16e", CompletionMessage.WithResult("1", new Pong { Ts = 7, ServerTs = 8, Node = "n" }));

    [Fact]
    public void Calls_are_read_and_trailing_arguments_may_be_left_out()
    {
        var call = Assert.IsType<InvocationMessage>(Read("96 01 81 a178 a179 a131 a9537562736372696265 91 a174 90"));
        Assert.Equal(("1", "Subscribe", "y"), (call.InvocationId, call.Target, call.Headers!["x"]));
        Assert.Equal(["t", null], call.Arguments);
        Assert.Equal([7L], Assert.IsType<InvocationMessage>(Read("95 01 80 c0 a450696e67 91 07")).Arguments);
        Assert.Equal([5L], Assert.IsType<InvocationMessage>(Read("95 01 80 c0 a450696e67 91 cb4014000000000000")).Arguments);
        Assert.Equal(["t"], Assert.IsType<InvocationMessage>(Read("96 01 80 a131 ad5075626c69736853747265616d 91 a174 91 a27331")).Arguments);
        var events = (JsonElement)Assert.IsType<InvocationMessage>(Read("96 01 80 a131 a75075626c697368 92 a174 91 81 a474797065 a178 90")).Arguments[1]!;
        Assert.Equal("""[{"type":"x"}]""", events.GetRawText());
    }

    [Fact]
    public void Other_messages_are_read()
    {
        Assert.Equal("x", ((JsonElement)Assert.IsType<StreamItemMessage>(Read("94 02 80 a27331 a178")).Item!).GetString());
        Assert.IsType<StreamBindingFailureMessage>(Read("94 02 80 a27332 a178"));
        Assert.IsType<StreamBindingFailureMessage>(Read("94 02 80 a27331 c40100"));
        Assert.True(Assert.IsType<CompletionMessage>(Read("95 03 80 a27331 03 01")).HasResult);
        Assert.False(Assert.IsType<CompletionMessage>(Read("95 03 80 a27332 03 01")).HasResult);
        Assert.Equal("e", Assert.IsType<CompletionMessage>(Read("95 03 80 a27331 01 a165")).Error);
        Assert.NotNull(Assert.IsType<CompletionMessage>(Read("95 03 80 a27331 03 c40100")).Error);
        Assert.Equal("1", Assert.IsType<CancelInvocationMessage>(Read("93 05 80 a131")).InvocationId);
        Assert.True(Assert.IsType<CloseMessage>(Read("93 07 c0 c3")).AllowReconnect);
        Assert.Equal("e", Assert.IsType<CloseMessage>(Read("92 07 a165")).Error);
        Assert.IsType<PingMessage>(Read("91 06"));
        Assert.IsType<PingMessage>(Read("93 63 80 c0"));
    }

    [Theory]
    [InlineData("96 01 80 a131 a9537562736372696265 91 07 90")]
    [InlineData("96 01 80 a131 a9537562736372696265 93 a174 c0 c0 90")]
    [InlineData("96 01 80 a131 a450696e67 91 cfffffffffffffffff 90")]
    [InlineData("96 01 80 a131 a450696e67 91 cb3fe0000000000000 90")]
    [InlineData("96 01 80 a131 a450696e67 90 90")]
    [InlineData("96 01 80 a131 a144 90 90")]
    public void A_call_that_does_not_fit_is_a_binding_failure(string message) =>
        Assert.Equal("1", Assert.IsType<InvocationBindingFailureMessage>(Read(message)).InvocationId);

    private void Is(string hex, HubMessage message) => Assert.Equal(Convert.ToHexStringLower(Packed.Frame(Packed.Hex(hex))), Convert.ToHexStringLower(_protocol.GetMessageBytes(message).Span));

    private HubMessage Read(string hex)
    {
        var input = new ReadOnlySequence<byte>(Packed.Frame(Packed.Hex(hex)));
        Assert.True(_protocol.TryParseMessage(ref input, new HubTypes(), out HubMessage? message));
        Assert.True(input.IsEmpty);
        return message;
    }
}
