using HubService.Client;
using HubService.Contracts;

namespace HubService.Tests.House;

/// <summary>The README's lines of C#, compiled, and run by <see cref="ReadmeTests"/>. What stands between the markers is the README's text.</summary>
internal sealed class ReadmeSnippets(Uri url, string token, TextWriter console)
{
    private TextWriter Console => console;

    public async Task SubscribeAsync(CancellationToken stop)
    {
        // <dotnet-subscribe>
        await using var projects = new ProjectClient(new HubServiceClientOptions { Url = url }.UseToken(token));
        await foreach (StreamItem item in projects.SubscribeAsync(new ProjectId("hello"), StreamPosition.Start, stop))
        {
            if (item is ProjectStreamEvent e)
            {
                Console.WriteLine($"{e.Position} {e.Name} {e.Envelope.Event.Payload}");
            }
        }
        // </dotnet-subscribe>
    }

    public async Task ServeAsync(CancellationToken stop)
    {
        // <dotnet-agent>
        await using var agents = new AgentClient(new HubServiceClientOptions { Url = url }.UseToken(token));
        await agents.ServeAsync(["parrot"], capacity: 8, async (work, cancelled) =>
        {
            await work.Run.ThinkAsync("I shall repeat it, louder.");
            string said = await work.Run.ToolAsync("shout", new { work.Text }, _ => Task.FromResult(work.Text.ToUpperInvariant()), cancellationToken: cancelled);
            await work.Run.CompleteAsync(finalResponse: said);
        }, stop);
        // </dotnet-agent>
    }

    /// <summary>The lines between the markers, as they would stand at the left margin.</summary>
    public static string Source(string name, string path = "tests/HubService.Tests/House/ReadmeSnippets.cs")
    {
        string[] lines = Repository.Read(path).ReplaceLineEndings("\n").Split('\n');
        string[] between = [.. lines.SkipWhile(l => l.Trim() != $"// <{name}>").Skip(1).TakeWhile(l => l.Trim() != $"// </{name}>")];
        int indent = between[0].Length - between[0].TrimStart().Length;
        return string.Join('\n', between.Select(l => l.Length > indent ? l[indent..] : ""));
    }
}
