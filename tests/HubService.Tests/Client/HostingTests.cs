using System.Collections.Concurrent;
using HubService.Client;
using HubService.Contracts;
using HubService.Contracts.Agents;
using HubService.Contracts.Projects;
using HubService.Tests.Access;
using Microsoft.Extensions.Options;

namespace HubService.Tests.Client;

/// <summary>Clients and workers in a container.</summary>
public class HostingTests
{
    private static readonly ThreadId Thread = new("thread_1");

    [Fact]
    public async Task Options_come_from_configuration_and_the_container()
    {
        await using TestHub hub = await TestHub.StartAsync();
        SteppedClock clock = new();
        HostApplicationBuilder builder = NewBuilder();
        builder.Configuration["HubService:Url"] = hub.Url.ToString();
        builder.Configuration["HubService:QueuedEvents"] = "7";
        builder.Services.AddSingleton<TimeProvider>(clock);
        builder.Services.AddOptions<HubServiceClientOptions>().BindConfiguration("HubService");
        builder.Services.AddHubServiceClient(o => o.BufferedEvents = 9);
        using IHost host = builder.Build();
        HubServiceClientOptions options = host.Services.GetRequiredService<IOptions<HubServiceClientOptions>>().Value;
        Assert.Equal((hub.Url, 7, 9), (options.Url, options.QueuedEvents, options.BufferedEvents));
        Assert.Same(clock, options.TimeProvider);
        Assert.Same(host.Services.GetRequiredService<ILoggerFactory>(), options.LoggerFactory);
        await host.Services.GetRequiredService<AgentClient>().ConnectAsync();
    }

    [Fact]
    public async Task Named_clients_are_keyed_and_have_options_and_tokens_of_their_own()
    {
        await using TestHub one = await TestHub.StartAsync();
        await using TestHub two = await TestHub.StartAsync();
        HostApplicationBuilder builder = NewBuilder();
        builder.Services.AddSingleton<IHubTokenProvider>(new Tokens("common"));
        builder.Services.AddKeyedSingleton<IHubTokenProvider>("two", new Tokens("special"));
        builder.Services.AddHubServiceClient(o => o.Url = one.Url);
        builder.Services.AddHubServiceClient("two", o => o.Url = two.Url);
        builder.Services.AddHubServiceClient("three", o => o.Url = two.Url);
        using IHost host = builder.Build();
        await host.Services.GetRequiredService<AgentClient>().ConnectAsync();
        await host.Services.GetRequiredKeyedService<AgentClient>("two").ConnectAsync();
        await host.Services.GetRequiredKeyedService<ProjectClient>("three").ConnectAsync();
        await Wait.Until(() => one.Authorizations.Count == 1 && two.Authorizations.Count == 2);
        Assert.Equal(["Bearer common"], one.Authorizations);
        Assert.Equal(["Bearer special", "Bearer common"], two.Authorizations);
        Assert.NotSame(host.Services.GetRequiredService<AgentClient>(), host.Services.GetRequiredKeyedService<AgentClient>("two"));
    }

    [Fact]
    public async Task A_token_given_in_the_options_goes_before_the_containers()
    {
        await using TestHub hub = await TestHub.StartAsync();
        HostApplicationBuilder builder = NewBuilder();
        builder.Services.AddSingleton<IHubTokenProvider>(new Tokens("common"));
        builder.Services.AddHubServiceClient((_, o) => o.UseToken("own").Url = hub.Url);
        using IHost host = builder.Build();
        await host.Services.GetRequiredService<AgentClient>().ConnectAsync();
        await Wait.Until(() => hub.Authorizations.Count > 0);
        Assert.Equal(["Bearer own"], hub.Authorizations);
    }

    [Fact]
    public async Task A_hosted_agent_answers_each_request_in_a_scope_of_its_own()
    {
        await using TestHub hub = await TestHub.StartAsync();
        HostApplicationBuilder builder = NewBuilder();
        ConcurrentQueue<Greeter> disposed = new();
        builder.Services.AddSingleton(disposed);
        builder.Services.AddHubServiceClient(o => o.Url = hub.Url);
        builder.Services.AddAgentWorker<Greeter>(["greeter"], capacity: 3);
        using IHost host = builder.Build();
        await host.StartAsync();
        await Wait.Until(() => hub.Calls("ServeAgents") > 0);
        Assert.Equal(3, hub.LastCall("ServeAgents")[1]);
        hub.Tell(StreamKind.Thread, "RunRequested", new RunRequest(new RunId("run_1"), Thread, "u1", "greeter", "Ada"));
        hub.Tell(StreamKind.Thread, "RunRequested", new RunRequest(new RunId("run_2"), Thread, "u1", "greeter", "Alan"));
        await Wait.Until(() => hub.Types(StreamId.Thread(Thread)).Count(t => t == "agent_completed") == 2);
        Assert.Equal(2, disposed.Distinct().Count());
        await host.StopAsync();
    }

    [Fact]
    public async Task A_hosted_pipeline_is_one_for_all_projects_and_uses_the_named_client()
    {
        await using TestHub hub = await TestHub.StartAsync();
        HostApplicationBuilder builder = NewBuilder();
        builder.Services.AddHubServiceClient("pipelines", o => o.Url = hub.Url);
        builder.Services.AddProjectWorker<Pipeline>(["demo-*"], client: "pipelines");
        using IHost host = builder.Build();
        await host.StartAsync();
        await Wait.Until(() => hub.Calls("ServeProjects") > 0);
        Pipeline pipeline = host.Services.GetRequiredService<Pipeline>();
        hub.Tell(StreamKind.Project, "StageRequested", new StageRequest(new ProjectId("demo-1"), "TRAIN", "confirmed"));
        hub.Tell(StreamKind.Project, "StageRequested", new StageRequest(new ProjectId("demo-2"), "EXPORT", "confirmed"));
        await Wait.Until(() => pipeline.Stages.Count == 2);
        Assert.Equal(["EXPORT", "TRAIN"], pipeline.Stages.Order());
        await host.StopAsync();
    }

    [Fact]
    public async Task Two_hosted_agents_have_a_connection_each()
    {
        await using TestHub hub = await TestHub.StartAsync();
        HostApplicationBuilder builder = NewBuilder();
        builder.Services.AddSingleton(new ConcurrentQueue<Greeter>());
        builder.Services.AddHubServiceClient(o => o.Url = hub.Url);
        builder.Services.AddAgentWorker<Greeter>(["one"]);
        builder.Services.AddAgentWorker<Greeter>(["two"]);
        using IHost host = builder.Build();
        await host.StartAsync();
        await Wait.Until(() => hub.Calls("ServeAgents") == 2);
        Assert.Equal(2, hub.Authorizations.Count);
        await host.StopAsync();
    }

    [Fact]
    public async Task A_refused_worker_ends_the_host()
    {
        await using TestHub hub = await TestHub.StartAsync();
        hub.Before = (_, _) => Task.FromResult<HubError?>(new HubError(ErrorCodes.Forbidden, "not a worker"));
        HostApplicationBuilder builder = NewBuilder();
        builder.Services.AddSingleton(new ConcurrentQueue<Greeter>());
        builder.Services.AddHubServiceClient(o => o.Url = hub.Url);
        builder.Services.AddAgentWorker<Greeter>(["greeter"]);
        using LogCapture log = new();
        builder.Services.AddSingleton<ILoggerProvider>(log);
        using IHost host = builder.Build();
        await host.StartAsync();
        await host.WaitForShutdownAsync().WaitAsync(TimeSpan.FromSeconds(30));
        Assert.Equal(1, hub.Calls("ServeAgents"));
        Assert.Contains(log.Lines, l => l.Contains($"{nameof(HubClientException)}: {ErrorCodes.Forbidden}: not a worker", StringComparison.Ordinal));
    }

    private static HostApplicationBuilder NewBuilder()
    {
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Services.AddLogging();
        return builder;
    }

    private sealed class Tokens(string token) : IHubTokenProvider
    {
        public ValueTask<string?> GetTokenAsync(TokenReason reason, CancellationToken cancellationToken) => new(token);
    }

    private sealed class Greeter(ConcurrentQueue<Greeter> disposed) : IAgentWorker, IDisposable
    {
        public Task RunAsync(AgentWork work, CancellationToken cancellationToken) => work.Run.MessageAsync($"Hello, {work.Text}");

        public void Dispose() => disposed.Enqueue(this);
    }

    private sealed class Pipeline : IProjectWorker
    {
        public ConcurrentBag<string> Stages { get; } = [];

        public Task RunStageAsync(StageWork work, CancellationToken cancellationToken)
        {
            Stages.Add(work.StageId);
            return Task.CompletedTask;
        }
    }
}
