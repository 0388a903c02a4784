using SupportAgent.Documents;
using SupportAgent.Tools;

namespace HubService.Tests.Samples.Support;

public class SearchTests
{
    [Theory]
    [InlineData("How do I start the service?", "README", "Guide › Quick start")]
    [InlineData("Which port does it listen on?", "README", "Guide › Quick start")]
    [InlineData("How do clients authenticate?", "README", "Guide › Authentication")]
    [InlineData("Where does the tenant come from?", "README", "Guide › Authentication")]
    [InlineData("How many connections may a user have?", "README", "Guide › Limits")]
    [InlineData("What happens to a slow subscriber?", "README", "Guide › Slow subscribers")]
    [InlineData("How are missed events replayed after resuming?", "PROTOCOL", "Protocol › Replay")]
    [InlineData("what is history_lost", "PROTOCOL", "Protocol › Replay")]
    [InlineData("Do subscribers see events in the same order?", "PROTOCOL", "Protocol › Order")]
    [InlineData("What does StageConflict mean?", "PROTOCOL", "Protocol › Errors")]
    [InlineData("Is retrying with the same event id safe?", "PROTOCOL", "Protocol › Errors › Idempotency")]
    [InlineData("Why sqlite by default?", "0001-sqlite", "Why SQLite is the default")]
    public void The_right_section_comes_first(string question, string document, string section)
    {
        SearchResult first = Fixture.Tools.Search(question)[0];
        Assert.Equal((document, section), (first.Document, first.Section));
    }

    [Fact]
    public void Nothing_is_found_where_no_word_matches() => Assert.Empty(Fixture.Tools.Search("zebra crossing"));

    [Fact]
    public void A_hash_in_code_is_no_heading() => Assert.Contains("# builds on the first run", Fixture.Tools.Read("README", "Quick start").Text, StringComparison.Ordinal);

    [Fact]
    public void An_unknown_section_names_those_there_are()
    {
        Assert.Contains("Protocol › Replay", Assert.Throws<ToolException>(() => Fixture.Tools.Read("PROTOCOL", "Zebras")).Message, StringComparison.Ordinal);
        Assert.Contains("README", Assert.Throws<ToolException>(() => Fixture.Tools.Read("NOVEL", "One")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_directory_that_is_missing_is_an_empty_library() => Assert.Empty(DocumentLibrary.Load("/nowhere/at/all").Passages);

    [Theory]
    [InlineData("replays", "replayed", "replaying", "replay")]
    [InlineData("stops", "stopped", "stopping", "stop")]
    [InlineData("retries", "retry", "retry", "retries")]
    [InlineData("messages", "message", "messages", "message")]
    [InlineData("resumes", "resumed", "resuming", "resume")]
    public void Forms_of_a_word_meet(params string[] forms) => Assert.Single(forms.Select(Words.Stem).Distinct());

    [Fact]
    public void Identifiers_are_found_whole_and_in_parts() =>
        Assert.Equal(["agent_complet", "agent", "complet", "streamid", "stream", "id"], Words.Terms("agent_completed StreamId"));
}
