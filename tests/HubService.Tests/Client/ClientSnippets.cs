using HubService.Client;
using HubService.Client.AI;
using HubService.Contracts;
using HubService.Contracts.Agents;
using HubService.Contracts.Projects;
using Microsoft.Extensions.AI;

namespace HubService.Tests.Client;

/// <summary>The lines of C# in the READMEs of the client packages, compiled, and run by <see cref="ClientReadmeTests"/>. What stands between the markers is their text.</summary>
internal sealed class ClientSnippets(Uri url, string token, TextWriter console)
{
    public const string File = "tests/HubService.Tests/Client/ClientSnippets.cs";

    private TextWriter Console => console;

    public async Task SubscribeAsync(ProjectId project, CancellationToken stop)
    {
        // <subscribe>
        await using var projects = new ProjectClient(new HubServiceClientOptions { Url = url }.UseToken(token));
        await foreach (StreamItem item in projects.SubscribeAsync(project, StreamPosition.Start, stop))
        {
            Console.WriteLine(item switch
            {
                ProjectStreamEvent { Payload: StageStatus stage } => $"{stage.StageId} is {stage.Status}",
                StreamItem.HistoryLost lost => $"{lost.From} to {lost.To} are gone: load a snapshot",
                StreamItem.Reset reset => $"discard everything above {reset.LastValid}",
                _ => $"{item.Position}", // keep it, and another process goes on from there
            });
        }
        // </subscribe>
    }

    public async Task PublishAsync(ProjectId project)
    {
        // <publish>
        await using var projects = new ProjectClient(new HubServiceClientOptions { Url = url }.UseToken(token));
        PublishResult kept = await projects.PublishAsync(project, new StageStatus("TRAIN", "IN_PROGRESS"));
        Console.WriteLine($"kept as {kept.Epoch}:{kept.Seq}");
        // </publish>
    }

    public async Task AskAsync(CancellationToken stop)
    {
        // <ask>
        await using var agents = new AgentClient(new HubServiceClientOptions { Url = url }.UseToken(token));
        MessageAccepted sent = await agents.SendMessageAsync("What is new?", target: "reporter", cancellationToken: stop);
        await foreach (StreamItem item in agents.SubscribeAsync(sent.ThreadId!.Value, StreamPosition.Start, stop))
        {
            if (item is AgentStreamEvent { Payload: AgentCompleted answer } e && e.RunId == sent.RunId)
            {
                Console.WriteLine(answer.FinalResponse);
                break;
            }
        }
        // </ask>
    }

    public async Task WatchAsync(CancellationToken stop)
    {
        // <watch>
        await using var agents = new AgentClient(new HubServiceClientOptions { Url = url }.UseToken(token));
        agents.ConnectionLoss += (_, e) => Console.WriteLine($"connection {e.Phase}");
        agents.Recovery += (_, e) => Console.WriteLine($"{e.Stream}: {e.Reason}, {(e.Recovered ? "nothing missed" : "something is gone")}");
        agents.RolledBack += (_, e) => Console.WriteLine($"{e.Count} events of {e.Stream} are published again");
        await agents.ConnectAsync(stop);
        // </watch>
        Console.WriteLine($"{agents.State}");
    }

    public IHost Build(string[] args)
    {
        // <host>
        var builder = Host.CreateApplicationBuilder(args);
        builder.Services.AddOptions<HubServiceClientOptions>().BindConfiguration("HubService");
        builder.Services.AddSingleton<IHubTokenProvider>(new Tokens(token));
        builder.Services.AddHubServiceClient();
        builder.Services.AddAgentWorker<Reporter>(["reporter"], capacity: 8);
        builder.Services.AddProjectWorker<Trainer>(["demo-*"]);
        // </host>
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Logging.ClearProviders();
        return builder.Build();
    }

    public static async Task ModelAsync(AgentClient agents, IChatClient model, CancellationToken stop)
    {
        // <model>
        IChatClient chat = model.AsBuilder().UseFunctionInvocation().Build();
        var options = new ChatOptions { Tools = [AIFunctionFactory.Create((string city) => $"It rains in {city}.", "weather")] };
        await agents.ServeAsync(["forecaster"], capacity: 8, (work, cancelled) =>
            work.Run.AnswerAsync(chat, [new ChatMessage(ChatRole.User, work.Text)], options, cancellationToken: cancelled), stop);
        // </model>
    }

    // <tokens>
    private sealed class Tokens(string token) : IHubTokenProvider
    {
        // Fetch a new one unless the reason is Connect; the client asks again before a token ends.
        public ValueTask<string?> GetTokenAsync(TokenReason reason, CancellationToken cancellationToken) => new(token);
    }
    // </tokens>

    // <worker>
    private sealed class Reporter(TimeProvider time) : IAgentWorker
    {
        public async Task RunAsync(AgentWork work, CancellationToken cancellationToken)
        {
            DateTimeOffset now = await work.Run.ToolAsync("clock", null, _ => Task.FromResult(time.GetUtcNow()), cancellationToken: cancellationToken);
            await work.Run.CompleteAsync(finalResponse: $"It is {now:yyyy}, {work.Text}");
        }
    }
    // </worker>

    // <trainer>
    private sealed class Trainer : IProjectWorker
    {
        public async Task RunStageAsync(StageWork work, CancellationToken cancellationToken)
        {
            await work.PublishAsync(new LogLine("run_1", "info", $"{work.StageId} begins"), cancellationToken);
            await work.WaitForConfirmationAsync("Good enough?", ["confirm", "restart_stage"], cancellationToken);
        }
    }
    // </trainer>
}
