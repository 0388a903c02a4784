using System.Diagnostics;
using System.Net;
using System.Text.Json;
using HubService.Client;
using HubService.Contracts;
using HubService.Contracts.Agents;
using HubService.Contracts.Projects;

namespace HubService.Tests.House;

/// <summary>Runs what the README tells people to run, against real processes.</summary>
public sealed class ReadmeTests(ReadmeTests.Service service) : IClassFixture<ReadmeTests.Service>
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly string[] Roles = ["user", "publisher", "worker"];

    /// <summary><c>dotnet run --project src/HubService</c>, once for all tests of the class.</summary>
    public sealed class Service : IAsyncLifetime
    {
        internal ServiceProcess Process { get; private set; } = null!;

        public async ValueTask InitializeAsync() => Process = await ServiceProcess.StartReadmeCommandAsync(Readme.Block("service"));

        public ValueTask DisposeAsync() => Process.DisposeAsync();
    }

    [Fact]
    public async Task The_service_runs_alone()
    {
        await AnswersAsync(service.Process.Url);
        Assert.True(File.Exists(Path.Combine(service.Process.WorkingDirectory, "data/hub.db")));
    }

    [Fact]
    public async Task An_event_is_published_by_curl_and_read_back()
    {
        string answer = await BashAsync($"{Readme.Block("token")}\n{Readme.Block("publish")}\necho\n{Readme.Block("publish")}\necho\n{Readme.Block("follow")} --max-time 2 || true");
        string[] lines = answer.Split('\n', StringSplitOptions.RemoveEmptyEntries);

        Assert.False(JsonElement.Parse(lines[0]).TryGetProperty("error", out _), answer);
        Assert.Equal("evt_1", JsonElement.Parse(lines[0]).GetProperty("event_id").GetString());
        Assert.True(JsonElement.Parse(lines[1]).GetProperty("duplicate").GetBoolean());
        Assert.Equal(JsonElement.Parse(lines[0]).GetProperty("seq").GetInt64(), JsonElement.Parse(lines[1]).GetProperty("seq").GetInt64());
        Assert.Single(lines, l => l.StartsWith("data: ", StringComparison.Ordinal) && l.Contains("hello from curl", StringComparison.Ordinal));
        Assert.Contains("event: LOG_LINE", lines);
    }

    [Fact]
    public async Task The_browsers_lines_show_every_event()
    {
        string modules = Path.Combine(Repository.Root, "src/hubservice-client/node_modules");
        Assert.SkipUnless(Directory.Exists(Path.Combine(modules, "@microsoft/signalr")), "The npm packages of the client are not installed.");
        string folder = Directory.CreateTempSubdirectory("hubservice-").FullName;
        try
        {
            await PublishAsync("evt_browser", "hello to the browser");
            Directory.CreateSymbolicLink(Path.Combine(folder, "node_modules"), modules);
            await File.WriteAllTextAsync(Path.Combine(folder, "subscribe.mjs"), Here(Readme.Block("browser")));
            using Process node = Start("node", folder, "subscribe.mjs");

            Assert.Contains("hello to the browser", await WaitForAsync(node, "hello to the browser"), StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Theory]
    [InlineData("dotnet-subscribe")]
    [InlineData("dotnet-agent")]
    public void The_lines_of_CSharp_are_those_that_are_compiled(string name) => Assert.Equal(ReadmeSnippets.Source(name), Readme.Block(name));

    [Fact]
    public async Task The_lines_of_CSharp_show_every_event()
    {
        await PublishAsync("evt_dotnet", "hello to .NET");
        using var stop = new CancellationTokenSource(Patience);
        string token = await TokenAsync();
        var console = new StopAt("hello to .NET", stop);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => new ReadmeSnippets(service.Process.Url, token, console).SubscribeAsync(stop.Token));

        Assert.Contains(" LOG_LINE {", console.ToString(), StringComparison.Ordinal);
        Assert.Contains("hello to .NET", console.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_agent_of_a_few_lines_answers()
    {
        using var stop = new CancellationTokenSource(Patience);
        Task serving = new ReadmeSnippets(service.Process.Url, await TokenAsync(), TextWriter.Null).ServeAsync(stop.Token);
        await using var user = new AgentClient(new HubServiceClientOptions { Url = service.Process.Url }.UseToken(await TokenAsync()));

        List<AgentStreamEvent> run = await user.RunAsync(await user.AskAsync("polly", "parrot", stop.Token), stop.Token);

        Assert.Equal(["agent_started", "agent_thinking", "tool_executing", "tool_completed", "agent_completed"], run.Select(e => e.Type));
        Assert.Equal("POLLY", run[^1].As<AgentCompleted>()!.FinalResponse);
        await stop.CancelAsync();
        await serving;
    }

    [Fact]
    public async Task The_quickstart_answers_a_question_and_runs_a_stage()
    {
        await using ServiceProcess quickstart = await ServiceProcess.StartReadmeCommandAsync(Readme.Block("quickstart"));
        await AnswersAsync(quickstart.Url);
        using var stop = new CancellationTokenSource(Patience);
        await using var agents = new AgentClient(new HubServiceClientOptions { Url = quickstart.Url }.UseToken(await quickstart.TokenAsync(Roles)));
        await using var projects = new ProjectClient(new HubServiceClientOptions { Url = quickstart.Url }.UseToken(await quickstart.TokenAsync(Roles)));

        List<AgentStreamEvent> run = await agents.RunAsync(await agents.AskAsync("What happens when a subscriber is slow?", "guide", stop.Token), stop.Token);
        Assert.Equal(
            ["agent_started", "agent_thinking", "tool_executing", "tool_completed"],
            run.Take(4).Select(e => e.Type));
        Assert.Equal("agent_completed", run[^1].Type);
        Assert.Equal(RunStatus.Success, run[^1].As<AgentCompleted>()!.Status);
        Assert.Contains("harms only itself", run[^1].As<AgentCompleted>()!.FinalResponse, StringComparison.Ordinal);

        var project = new ProjectId("quickstart");
        await projects.ChatAsync(project, "Train a classifier that tells malignant from benign tumours", stop.Token);
        await foreach (StreamItem item in projects.SubscribeAsync(project, StreamPosition.Start, stop.Token))
        {
            if (item is ProjectStreamEvent e && e.As<StageStatus>() is { StageId: "PARSE_INTENT", Status: "COMPLETED" })
            {
                break;
            }
        }
    }

    [Fact]
    public async Task The_production_settings_start_a_service_that_lets_nobody_in_without_a_token()
    {
        Dictionary<string, string> settings = Readme.Block("production").Split('\n').Select(l => l.Split('=', 2)).ToDictionary(l => l[0], l => l[1], StringComparer.Ordinal);
        await using ServiceProcess production = await ServiceProcess.StartReadmeCommandAsync(Readme.Block("service"), settings);
        using var http = new HttpClient { BaseAddress = production.Url };

        await AnswersAsync(production.Url);
        Assert.Equal(HttpStatusCode.Unauthorized, (await http.GetAsync(new Uri("/api/v1/threads", UriKind.Relative))).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await http.PostAsync(new Uri("/api/dev/token", UriKind.Relative), null)).StatusCode);
    }

    [Fact]
    public async Task Without_a_way_to_check_tokens_production_does_not_start()
    {
        InvalidOperationException refused = await Assert.ThrowsAsync<InvalidOperationException>(() => ServiceProcess.StartReadmeCommandAsync(Readme.Block("service"), new Dictionary<string, string>()));

        Assert.Contains("HubService cannot start: No way to check tokens", refused.Message, StringComparison.Ordinal);
    }

    private static async Task AnswersAsync(Uri url)
    {
        using var http = new HttpClient { BaseAddress = url };
        Assert.Equal("ok", await http.GetStringAsync(new Uri("/health/ready", UriKind.Relative)));
        Assert.Contains("HubService", await http.GetStringAsync(new Uri("/", UriKind.Relative)), StringComparison.Ordinal);
    }

    private string Here(string text) => text.Replace("http://localhost:5080", service.Process.Url.GetLeftPart(UriPartial.Authority), StringComparison.Ordinal);

    private Task<string> TokenAsync() => service.Process.TokenAsync(Roles);

    private async Task PublishAsync(string eventId, string text)
    {
        await using var projects = new ProjectClient(new HubServiceClientOptions { Url = service.Process.Url }.UseToken(await TokenAsync()));
        JsonElement payload = JsonSerializer.SerializeToElement(new { run_id = "system", level = "info", text });
        await projects.PublishAsync(new ProjectId("hello"), new NewProjectEvent("LOG_LINE", payload, eventId));
    }

    private async Task<string> BashAsync(string script)
    {
        Assert.SkipUnless(File.Exists("/bin/bash") && File.Exists("/usr/bin/curl"), "bash and curl are not installed.");
        using Process bash = Start("bash", service.Process.WorkingDirectory, "-c", Here(script));
        string output = await bash.StandardOutput.ReadToEndAsync().WaitAsync(Patience);
        await bash.WaitForExitAsync();
        return output;
    }

    private static Process Start(string program, string folder, params string[] arguments) =>
        Process.Start(new ProcessStartInfo(program, arguments) { WorkingDirectory = folder, UseShellExecute = false, RedirectStandardOutput = true })!;

    private static async Task<string> WaitForAsync(Process process, string text)
    {
        using var patience = new CancellationTokenSource(Patience);
        string all = "";
        try
        {
            while (!all.Contains(text, StringComparison.Ordinal) && await process.StandardOutput.ReadLineAsync(patience.Token) is { } line)
            {
                all += line + "\n";
            }
        }
        finally
        {
            process.Kill(entireProcessTree: true);
        }

        return all;
    }

    /// <summary>What a snippet prints; stops it when it has printed a text.</summary>
    private sealed class StopAt(string text, CancellationTokenSource stop) : StringWriter(System.Globalization.CultureInfo.InvariantCulture)
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
