using SupportAgent;
using SupportAgent.Planning;

namespace HubService.Tests.Samples.Support;

public class PlannedAgentTests
{
    private static async Task<(AgentAnswer Answer, RecordingRun Run)> AskAsync(string question, params ChatTurn[] history)
    {
        RecordingRun run = new();
        AgentAnswer answer = await Fixture.Agent().AnswerAsync(question, history, run);
        Assert.Equal(answer.Text, run.Streamed);
        Assert.StartsWith("think 1/", run.Lines[0], StringComparison.Ordinal);
        Assert.Equal("message", run.Lines[^1]);
        return (answer, run);
    }

    [Theory]
    [InlineData("Hello!", "Greeting", "")]
    [InlineData("What can you do?", "AboutAgent", "")]
    [InlineData("help", "AboutAgent", "")]
    [InlineData("What is 15% of 240?", "Calculation", "15 / 100 * 240")]
    [InlineData("what's 2 plus 3 times 4", "Calculation", "2 + 3 * 4")]
    [InlineData("calculate 2 $ 3", "Calculation", "2 $ 3")]
    [InlineData("(3 + 4) * 2^5", "Calculation", "(3 + 4) * 2^5")]
    [InlineData("How much is sqrt(2) * 10?", "Calculation", "sqrt(2) * 10")]
    [InlineData("What is 17 * 23 + 4? <img src=x onerror=alert(1)>", "Calculation", "17 * 23 + 4")]
    [InlineData("What is 2 nodes? 3 + 4", "Documents", "What is 2 nodes? 3 + 4")]
    [InlineData("What time is it?", "Time", "")]
    [InlineData("what time is it in New York?", "Time", "New York")]
    [InlineData("What is the current time in Europe/Berlin", "Time", "Europe/Berlin")]
    [InlineData("what's the date today?", "Time", "")]
    [InlineData("What is the session time to live?", "Documents", "What is the session time to live?")]
    [InlineData("What is a 3-node cluster?", "Documents", "What is a 3-node cluster?")]
    [InlineData("Read section \"Replay\" of PROTOCOL", "Section", "Replay")]
    public void Questions_are_told_apart(string text, string kind, string subject)
    {
        Question question = Question.Classify(text, []);
        Assert.Equal((kind, subject), (question.Kind.ToString(), question.Subject));
    }

    [Fact]
    public async Task A_document_question_is_searched_read_and_quoted_with_its_source()
    {
        (AgentAnswer answer, RecordingRun run) = await AskAsync("What happens to a slow subscriber?");
        Assert.Equal(["tool search_documents ok", "tool read_passage ok"], run.Tools.Take(2));
        Assert.StartsWith("A slow subscriber harms only itself.", answer.Text, StringComparison.Ordinal);
        Assert.Equal("README › Guide › Slow subscribers", answer.Citations[0].ToString());
        Assert.Contains("Sources: README › Guide › Slow subscribers", answer.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("How many connections may a user have?", "- A user has at most 20 connections at once.")]
    [InlineData("What does stage_conflict mean?", "- stage_conflict: The stage was already confirmed; no")]
    [InlineData("How do I start the service?", "dotnet run --project src/Hub")]
    public async Task Lists_tables_and_code_are_quoted_as_what_they_are(string question, string quote)
    {
        (AgentAnswer answer, _) = await AskAsync(question);
        Assert.Contains(quote, answer.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_follow_up_is_understood_from_what_was_asked_before()
    {
        (AgentAnswer answer, _) = await AskAsync("And why is that?", new("user", "Is SQLite the default?"), new("assistant", "Yes."));
        Assert.Equal("0001-sqlite", answer.Citations[0].Document);
    }

    [Fact]
    public async Task What_the_documents_do_not_say_is_not_invented()
    {
        (AgentAnswer answer, RecordingRun run) = await AskAsync("How do zebras cross the road?");
        Assert.StartsWith("I found nothing about that", answer.Text, StringComparison.Ordinal);
        Assert.Empty(answer.Citations);
        Assert.Equal(["tool search_documents ok"], run.Tools);
    }

    [Fact]
    public async Task A_calculation_uses_the_calculator()
    {
        (AgentAnswer answer, RecordingRun run) = await AskAsync("What is 15% of 240?");
        Assert.Equal("15 / 100 * 240 = 36", answer.Text);
        Assert.Equal(["tool calculate ok"], run.Tools);
    }

    [Theory]
    [InlineData("What is 1 / 0?", "tool calculate error", "division by zero")]
    [InlineData("Read section Zebras of PROTOCOL", "tool read_passage error", "has no section 'Zebras'")]
    [InlineData("What time is it in Atlantis?", "tool current_time error", "no time zone 'Atlantis'")]
    public async Task A_tool_that_fails_is_explained_and_the_run_goes_on(string question, string toolLine, string explanation)
    {
        (AgentAnswer answer, RecordingRun run) = await AskAsync(question);
        Assert.StartsWith(toolLine, Assert.Single(run.Tools), StringComparison.Ordinal);
        Assert.Contains(explanation, answer.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_time_comes_from_the_clock()
    {
        (AgentAnswer utc, _) = await AskAsync("What time is it?");
        Assert.Equal("It is Saturday, 14 March 2026, 15:09 (UTC).", utc.Text);
        (AgentAnswer tokyo, _) = await AskAsync("What time is it in Tokyo?");
        Assert.Equal("It is Sunday, 15 March 2026, 00:09 (Asia/Tokyo).", tokyo.Text);
    }

    [Fact]
    public async Task It_says_what_it_can_do()
    {
        (AgentAnswer answer, RecordingRun run) = await AskAsync("what can you do?");
        Assert.Contains("README, PROTOCOL, 0001-sqlite", answer.Text, StringComparison.Ordinal);
        Assert.Empty(run.Tools);
    }

    [Fact]
    public async Task An_answer_streams_in_small_pieces()
    {
        (AgentAnswer answer, RecordingRun run) = await AskAsync("What happens to a slow subscriber?");
        Assert.True(run.Deltas.Count >= answer.Text.Split(' ').Length / 3);
        Assert.All(run.Deltas, d => Assert.NotEmpty(d));
    }

    [Fact]
    public async Task Cancelling_stops_the_answer()
    {
        using CancellationTokenSource cancelled = new();
        await cancelled.CancelAsync();
        PlannedAgent slow = new PlannedAgent(Fixture.Library, Fixture.Tools, new Pace(new SupportAgentOptions(), TimeProvider.System));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => slow.AnswerAsync("Hello", [], new RecordingRun(), cancelled.Token));
    }
}
