using System.Globalization;
using System.Reflection;
using HubService.Client;
using HubService.Contracts;
using HubService.Contracts.Agents;
using HubService.Contracts.Projects;
using HubService.Tests.Client.AI;
using HubService.Tests.House;

namespace HubService.Tests.Client;

/// <summary>Compiles and runs what the READMEs of the client packages show, against a service process.</summary>
public sealed class ClientReadmeTests(ClientReadmeTests.Service service) : IClassFixture<ClientReadmeTests.Service>
{
    private const string ClientReadme = "src/HubService.Client/README.md";
    private const string ModelReadme = "src/HubService.Client.AI/README.md";

    private static readonly XmlDocs Docs = new(typeof(HubServiceClientOptions).Assembly);

    public sealed class Service : IAsyncLifetime
    {
        internal ServiceProcess Process { get; private set; } = null!;

        public async ValueTask InitializeAsync() =>
            Process = await ServiceProcess.StartServiceAsync(new Dictionary<string, string> { ["ASPNETCORE_ENVIRONMENT"] = "Development" });

        public ValueTask DisposeAsync() => Process.DisposeAsync();
    }

    [Theory]
    [InlineData("subscribe", ClientReadme)]
    [InlineData("publish", ClientReadme)]
    [InlineData("ask", ClientReadme)]
    [InlineData("worker", ClientReadme)]
    [InlineData("trainer", ClientReadme)]
    [InlineData("host", ClientReadme)]
    [InlineData("tokens", ClientReadme)]
    [InlineData("watch", ClientReadme)]
    [InlineData("model", ModelReadme)]
    public void The_lines_are_those_that_are_compiled(string name, string path)
    {
        string lines = Readme.Block(name, path);
        Assert.Equal(ReadmeSnippets.Source(name, ClientSnippets.File), lines);
        Assert.InRange(lines.Split('\n').Length, 1, 12);
    }

    [Fact]
    public void The_table_of_options_is_that_of_the_class()
    {
        string[] table = [.. Repository.Read(ClientReadme).ReplaceLineEndings("\n").Split('\n').SkipWhile(l => l != "| option | default | meaning |").Skip(2).TakeWhile(l => l.StartsWith('|'))];
        string[] actual = [.. typeof(HubServiceClientOptions).GetProperties().Select(Row)];
        Assert.True(actual.SequenceEqual(table), $"The table of {ClientReadme} should be\n\n{string.Join('\n', actual)}");
    }

    [Fact]
    public async Task What_is_published_is_followed()
    {
        using CancellationTokenSource stop = new(TimeSpan.FromSeconds(60));
        StopAt console = new("TRAIN is IN_PROGRESS", stop);
        ClientSnippets snippets = new(service.Process.Url, await TokenAsync(), console);
        ProjectId project = new("readme");

        await snippets.PublishAsync(project);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => snippets.SubscribeAsync(project, stop.Token));

        Assert.Matches("kept as .+:1", console.ToString());
        Assert.Contains("TRAIN is IN_PROGRESS", console.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_hosted_workers_answer()
    {
        using CancellationTokenSource stop = new(TimeSpan.FromSeconds(60));
        StringWriter console = new(CultureInfo.InvariantCulture);
        ClientSnippets snippets = new(service.Process.Url, await TokenAsync(), console);
        using IHost host = snippets.Build([$"--HubService:Url={service.Process.Url}"]);
        await host.StartAsync(stop.Token);
        AgentClient user = host.Services.GetRequiredService<AgentClient>();
        await user.AskAsync("are you there?", "reporter", stop.Token);

        await snippets.AskAsync(stop.Token);
        Assert.Matches("It is [0-9]{4}, What is new\\?", console.ToString());

        ProjectClient projects = host.Services.GetRequiredService<ProjectClient>();
        ProjectId project = new("demo-1");
        await projects.RestartStageAsync(project, "TRAIN", stop.Token);
        await foreach (StreamItem item in projects.SubscribeAsync(project, StreamPosition.Start, stop.Token))
        {
            if (item is ProjectStreamEvent { Payload: WaitingConfirmation waiting })
            {
                Assert.Equal(("TRAIN", "Good enough?"), (waiting.StageId, waiting.Summary));
                break;
            }
        }

        await host.StopAsync(stop.Token);
    }

    [Fact]
    public async Task A_client_that_is_watched_connects()
    {
        using CancellationTokenSource stop = new(TimeSpan.FromSeconds(60));
        StringWriter console = new(CultureInfo.InvariantCulture);
        await new ClientSnippets(service.Process.Url, await TokenAsync(), console).WatchAsync(stop.Token);
        Assert.Equal("Connected", console.ToString().Trim());
    }

    [Fact]
    public async Task The_model_answers_with_its_tool()
    {
        using CancellationTokenSource stop = new(TimeSpan.FromSeconds(60));
        string token = await TokenAsync();
        await using AgentClient worker = new(new HubServiceClientOptions { Url = service.Process.Url }.UseToken(token));
        await using AgentClient user = new(new HubServiceClientOptions { Url = service.Process.Url }.UseToken(token));
        ScriptedModel model = new(
            [new Microsoft.Extensions.AI.FunctionCallContent("c", "weather", new Dictionary<string, object?> { ["city"] = "Oslo" })], [ScriptedModel.Say("Take a coat.")]);
        Task serving = ClientSnippets.ModelAsync(worker, model, stop.Token);
        MessageAccepted sent = await user.AskAsync("Oslo?", "forecaster", stop.Token);
        List<AgentStreamEvent> run = await user.RunAsync(sent, stop.Token);

        Assert.Equal("It rains in Oslo.", run.Select(e => e.Payload).OfType<ToolCompleted>().Single().Result!.Value.GetString());
        Assert.Equal("Take a coat.", run[^1].As<AgentCompleted>()!.FinalResponse);
        await stop.CancelAsync();
        await serving;
    }

    private static string Row(PropertyInfo option)
    {
        object? value = option.GetValue(new HubServiceClientOptions());
        string text = value is int or long or TimeSpan ? $"`{string.Format(CultureInfo.InvariantCulture, "{0}", value)}`" : "";
        return $"| `{option.Name}` | {text} | {Docs.Summary($"P:{option.DeclaringType!.FullName}.{option.Name}")} |";
    }

    private Task<string> TokenAsync() => service.Process.TokenAsync("user", "publisher", "worker");

    /// <summary>What a snippet prints; stops it when it has printed a text.</summary>
    private sealed class StopAt(string text, CancellationTokenSource stop) : StringWriter(CultureInfo.InvariantCulture)
    {
        public override void WriteLine(string? value)
        {
            base.WriteLine(value);
            if (value?.Contains(text, StringComparison.Ordinal) is true)
            {
                stop.Cancel();
            }
        }
    }
}
