using System.Text.Json;
using HubService.Contracts.Agents;
using HubService.Tests.Client;
using SupportAgent;
using SupportAgent.Models;

namespace HubService.Tests.Samples.Support;

public class ModelAgentTests
{
    private static ModelAgent Agent(FakeEndpoint endpoint, int rounds = 6) =>
        new(SupportAgents.Model(new() { Endpoint = endpoint.Address, Name = "test-model", ApiKey = "secret" }), Fixture.Tools, rounds);

    [Fact(Timeout = 60_000)]
    public async Task Text_streams_piece_by_piece()
    {
        await using FakeEndpoint endpoint = await FakeEndpoint.StartAsync([FakeEndpoint.Text("Hel"), FakeEndpoint.Text("lo "), FakeEndpoint.Text("you"), FakeEndpoint.Usage(11, 3)]);
        await using RecordedRun run = new();
        AgentAnswer answer = await Agent(endpoint).AnswerAsync("Hi", [new("user", "before"), new("assistant", "said")], new RunEvents(run.Run));
        Assert.Equal("Hello you", string.Concat(run.Payloads<AgentStreaming>().Select(s => s.Delta)));
        Assert.Equal(("Hello you", new AgentUsage(11, 3)), (answer.Text, answer.Usage));

        JsonElement request = Assert.Single(endpoint.Requests);
        Assert.Equal("test-model", request.GetProperty("model").GetString());
        Assert.Equal("Bearer secret", endpoint.Keys[0]);
        Assert.Equal(["system", "user", "assistant", "user"], request.GetProperty("messages").EnumerateArray().Select(m => m.GetProperty("role").GetString()!));
        Assert.Equal(
            ["search_documents", "read_passage", "calculate", "current_time"],
            request.GetProperty("tools").EnumerateArray().Select(t => t.GetProperty("function").GetProperty("name").GetString()!));
    }

    [Fact(Timeout = 60_000)]
    public async Task Tool_calls_that_come_in_pieces_are_run_and_their_results_given_back()
    {
        await using FakeEndpoint endpoint = await FakeEndpoint.StartAsync(
            [
                FakeEndpoint.Text("Let me look."),
                FakeEndpoint.Call(0, "call_1", "read_passage", "{\"document\":\"PROTO"),
                FakeEndpoint.Call(1, "call_2", "calculate", "{\"expression\":"),
                FakeEndpoint.Call(0, null, null, "COL\",\"section\":\"Replay\"}"),
                FakeEndpoint.Call(1, null, null, "\"6*7\"}"),
            ],
            [FakeEndpoint.Text("It is 42.")]);
        await using RecordedRun run = new();
        AgentAnswer answer = await Agent(endpoint).AnswerAsync("What is six times seven, and how is replay?", [], new RunEvents(run.Run));

        Assert.Equal([("read_passage", ToolStatus.Ok), ("calculate", ToolStatus.Ok)], run.Payloads<ToolCompleted>().Select(t => (t.ToolName, t.Status)));
        Assert.Equal(["Let me look.", "It is 42."], run.Payloads<AgentMessage>().Select(m => m.Text));
        Assert.Equal("It is 42.", answer.Text);
        Assert.Equal("PROTOCOL › Protocol › Replay", Assert.Single(answer.Citations).ToString());

        JsonElement[] messages = [.. endpoint.Requests[1].GetProperty("messages").EnumerateArray()];
        Assert.Equal(["system", "user", "assistant", "tool", "tool"], messages.Select(m => m.GetProperty("role").GetString()!));
        Assert.Equal(["call_1", "call_2"], messages[2].GetProperty("tool_calls").EnumerateArray().Select(c => c.GetProperty("id").GetString()!));
        Assert.Equal("call_2", messages[4].GetProperty("tool_call_id").GetString());
        Assert.Equal(42, JsonDocument.Parse(messages[4].GetProperty("content").GetString()!).RootElement.GetProperty("value").GetDouble());
    }

    [Fact(Timeout = 60_000)]
    public async Task A_tool_that_fails_is_told_to_the_model()
    {
        await using FakeEndpoint endpoint = await FakeEndpoint.StartAsync(
            [FakeEndpoint.Call(0, "a", "calculate", "{\"expression\":\"1/0\"}"), FakeEndpoint.Call(1, "b", "fly", "{}"), FakeEndpoint.Call(2, "c", "calculate", "{not json")],
            [FakeEndpoint.Text("Neither works.")]);
        await using RecordedRun run = new();
        AgentAnswer answer = await Agent(endpoint).AnswerAsync("?", [], new RunEvents(run.Run));
        Assert.Equal("Neither works.", answer.Text);
        Assert.Equal(ToolStatus.Error, run.Payloads<ToolCompleted>().First(t => t.ToolName == "calculate").Status);
        string[] results = [.. endpoint.Requests[1].GetProperty("messages").EnumerateArray().Skip(3).Select(m => m.GetProperty("content").GetString()!)];
        Assert.Contains("division by zero", results[0], StringComparison.Ordinal);
        Assert.Contains("not found", results[1], StringComparison.Ordinal);
        Assert.Contains("arguments", results[2], StringComparison.Ordinal);
    }

    [Fact(Timeout = 60_000)]
    public async Task A_model_that_only_calls_tools_is_made_to_answer()
    {
        string[] call = [FakeEndpoint.Call(0, "a", "current_time", "{}")];
        await using FakeEndpoint endpoint = await FakeEndpoint.StartAsync(call, call, [FakeEndpoint.Text("Late.")]);
        await using RecordedRun run = new();
        AgentAnswer answer = await Agent(endpoint, rounds: 3).AnswerAsync("?", [], new RunEvents(run.Run));
        Assert.Equal("Late.", answer.Text);
        Assert.False(endpoint.Requests[2].TryGetProperty("tools", out _));
    }
}
