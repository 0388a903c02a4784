using SupportAgent;

namespace HubService.Tests.Samples.Support;

/// <summary>The sample answers what a newcomer asks, from the documents as they are.</summary>
public sealed class RealDocumentsTests
{
    [Theory]
    [InlineData("What happens when a subscriber is slow?", "harms only itself and loses nothing", "Slow subscribers")]
    [InlineData("How does a client resume after a reconnect?", "the last `epoch:seq` you handled", "Subscribe and resume")]
    [InlineData("How do I start the service?", "dotnet run --project src/HubService", "Start the service alone")]
    [InlineData("Which port does it listen on?", "port 5080", "Start the service alone")]
    [InlineData("How do I run it in production?", "proxy with TLS", "Run it in production")]
    [InlineData("Can I run more than one node?", "bash samples/load-balanced/run.sh", "Run more than one node")]
    [InlineData("Does it support MessagePack?", "messagepack", "MessagePack")]
    [InlineData("How do I publish an event with curl?", "/api/v1/projects/hello/events", "Publish with curl, from any language")]
    [InlineData("Is it safe to retry a publish?", "original seq", "Retry a publish")]
    [InlineData("What happens when an agent dies in the middle of a run?", "`abandoned`", "What it promises")]
    [InlineData("How long are events kept?", "7 days", "How long events are kept")]
    [InlineData("How do I get a token for development?", "POST /api/dev/token", "Development token")]
    [InlineData("What happens when my token expires?", "RefreshToken", "Token refresh")]
    [InlineData("What does history_lost mean?", "gone by retention", "Subscribe and resume")]
    [InlineData("How do I write a worker in another language?", "ServeAgents", "Write a worker in any language")]
    public async Task A_newcomers_question_is_answered_from_the_right_section(string question, string says, string section)
    {
        ISupportAgent agent = SupportAgents.Create(Fixture.FullSpeed(), TimeProvider.System);

        AgentAnswer answer = await agent.AnswerAsync(question, [], new RecordingRun());

        Assert.Contains(says, answer.Text, StringComparison.Ordinal);
        Assert.Contains(answer.Citations, c => c.Section.Contains(section, StringComparison.Ordinal));
        Assert.DoesNotContain("<!--", answer.Text, StringComparison.Ordinal);
    }
}
