using System.Collections.Concurrent;
using System.Text.Json;
using HubService.Client;
using HubService.Contracts;
using HubService.Contracts.Agents;
using HubService.Contracts.Projects;
using HubService.Contracts.Schema;
using Microsoft.AspNetCore.SignalR;

namespace HubService.Tests.Client;

/// <summary>A small hub over loopback sockets that keeps the contract's order and can be told to misbehave.</summary>
internal sealed class TestHub : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, List<(string Type, JsonElement Envelope)>> _streams = [];
    private readonly Dictionary<string, HashSet<string>> _subscribers = [];
    private readonly ConcurrentDictionary<string, HubCallerContext> _connections = new();
    private readonly List<(string Method, string Connection, object?[] Arguments)> _calls = [];
    private readonly Dictionary<string, long> _forks = [];
    private WebApplication? _app;

    public Uri Url { get; private set; } = new("http://127.0.0.1");

    public string Epoch { get; set; } = "e1";

    /// <summary>Where every project stands.</summary>
    public StageState Stage { get; set; } = new("TRAIN", 5, "IN_PROGRESS", "");

    /// <summary>Runs before a method answers; may throw or return an error to give.</summary>
    public Func<string, HubCallerContext, Task<HubError?>> Before { get; set; } = (_, _) => Task.FromResult<HubError?>(null);

    /// <summary>Seqs that are kept but not broadcast, as if lost on the way.</summary>
    public HashSet<long> Lost { get; } = [];

    public List<string?> Authorizations { get; } = [];

    /// <summary>What a WebSocket is answered with this Authorization header; null lets it in.</summary>
    public Func<string?, int?> Refuse { get; set; } = _ => null;

    public static async Task<TestHub> StartAsync(Uri? url = null)
    {
        TestHub hub = new();
        await hub.ListenAsync(url ?? new Uri("http://127.0.0.1:0"));
        return hub;
    }

    public HubServiceClientOptions Options() => new()
    {
        Url = Url,
        Retry = new RetryPolicy(TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(20)),
    };

    /// <summary>Methods have no answer until what this returns is completed.</summary>
    public TaskCompletionSource Hold()
    {
        TaskCompletionSource go = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Before = async (_, _) =>
        {
            await go.Task;
            return null;
        };
        return go;
    }

    public async Task ListenAsync(Uri url)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls(url.ToString());
        builder.Services.AddSingleton(this);
        builder.Services.AddSignalR(o => o.MaximumReceiveMessageSize = 4_000_000)
            .AddJsonProtocol(o => o.PayloadSerializerOptions = new JsonSerializerOptions(ContractJson.Options));
        _app = builder.Build();
        _app.Use((context, next) =>
        {
            if (Refuse(context.Request.Headers.Authorization) is not { } status)
            {
                return next(context);
            }

            context.Response.StatusCode = status;
            return Task.CompletedTask;
        });
        _app.MapHub<TestAgentHub>("/hubs/agent");
        _app.MapHub<TestProjectHub>("/hubs/project");
        await _app.StartAsync();
        Url = new Uri(_app.Urls.Single());
    }

    public int Calls(string method)
    {
        lock (_gate)
        {
            return _calls.Count(c => c.Method == method);
        }
    }

    public object?[] LastCall(string method)
    {
        lock (_gate)
        {
            return _calls.Last(c => c.Method == method).Arguments;
        }
    }

    public void Connected(HubCallerContext connection)
    {
        _connections[connection.ConnectionId] = connection;
        lock (_gate)
        {
            Authorizations.Add(connection.GetHttpContext()!.Request.Headers.Authorization);
        }
    }

    public void DropAll()
    {
        foreach (HubCallerContext connection in _connections.Values)
        {
            connection.Abort();
        }

        _connections.Clear();
    }

    public async Task<HubError?> CallAsync(string method, HubCallerContext connection, params object?[] arguments)
    {
        lock (_gate)
        {
            _calls.Add((method, connection.ConnectionId, arguments));
        }

        return await Before(method, connection);
    }

    public SubscribeResult Subscribe(StreamId stream, string? position, HubCallerContext connection, IClientProxy caller)
    {
        lock (_gate)
        {
            List<(string Type, JsonElement Envelope)> log = Log(stream);
            long from = log.Count;
            bool recovered = true;
            if (StreamPosition.TryParse(position, out StreamPosition asked))
            {
                StreamReset? reset = ResetAfter(stream, asked);
                recovered = reset is null;
                from = reset?.LastValid ?? asked.Seq;
                if (reset is not null)
                {
                    Send(caller, "Reset", Told(reset));
                }
            }

            foreach ((string type, JsonElement envelope) in log.Skip((int)from))
            {
                Send(caller, Method(type), envelope);
            }

            Subscribers(stream).Add(connection.ConnectionId);
            return new SubscribeResult { Epoch = Epoch, Seq = log.Count, Recovered = recovered, Replayed = log.Count - from };
        }
    }

    public void Unsubscribe(StreamId stream, string connection)
    {
        lock (_gate)
        {
            Subscribers(stream).Remove(connection);
        }
    }

    public bool IsSubscribed(StreamId stream)
    {
        lock (_gate)
        {
            return Subscribers(stream).Overlaps(_connections.Keys);
        }
    }

    public PublishResult Append(StreamId stream, string type, JsonElement payload, string? eventId = null, RunId? runId = null)
    {
        lock (_gate)
        {
            List<(string Type, JsonElement Envelope)> log = Log(stream);
            int before = eventId is null ? -1 : log.FindIndex(e => e.Envelope.GetProperty("event_id").GetString() == eventId);
            if (before >= 0)
            {
                return new PublishResult { Seq = before + 1, Epoch = Epoch, EventId = eventId, Duplicate = true };
            }

            long seq = log.Count + 1;
            eventId ??= Ids.New("evt_");
            JsonElement envelope = stream.Kind == StreamKind.Thread
                ? JsonSerializer.SerializeToElement(
                    new AgentEvent<JsonElement>(1, type, eventId, new ThreadId(stream.Id), seq, Epoch, default, payload, runId), ContractJson.Options)
                : JsonSerializer.SerializeToElement(
                    new ProjectEvent<JsonElement>(
                        1, "EVENT", new ProjectId(stream.Id), seq, Epoch, 0, eventId, new StageRef("TRAIN", 5, "IN_PROGRESS"), new NamedEvent<JsonElement>(type, payload)),
                    ContractJson.Options);
            log.Add((type, envelope));
            if (!Lost.Contains(seq))
            {
                foreach (string connection in Subscribers(stream))
                {
                    Send(Client(stream.Kind, connection), Method(type), envelope);
                }
            }

            return new PublishResult { Seq = seq, Epoch = Epoch, EventId = eventId };
        }
    }

    /// <summary>Calls a method of every connection.</summary>
    public void Tell(string kind, string method, object argument)
    {
        foreach (string connection in _connections.Keys)
        {
            Send(Client(kind, connection), method, argument);
        }
    }

    /// <summary>The stream goes on from nothing under another epoch.</summary>
    public void Restart(string epoch)
    {
        lock (_gate)
        {
            Epoch = epoch;
            _streams.Clear();
        }
    }

    /// <summary>All streams go on in another epoch after <paramref name="lastValid"/>; who published or subscribed is not told.</summary>
    public void Failover(string epoch, long lastValid)
    {
        lock (_gate)
        {
            foreach (string former in _forks.Keys)
            {
                _forks[former] = Math.Min(_forks[former], lastValid);
            }

            _forks[Epoch] = lastValid;
            Epoch = epoch;
            foreach (List<(string Type, JsonElement Envelope)> log in _streams.Values)
            {
                log.RemoveRange((int)Math.Min(lastValid, log.Count), (int)Math.Max(0, log.Count - lastValid));
            }
        }
    }

    public static SessionEvent<StreamReset> Told(StreamReset reset) => new(1, "reset", Ids.New("evt_"), default, reset);

    /// <summary>What a reader from that position must be told; null when it is valid.</summary>
    public StreamReset? ResetAfter(StreamId stream, StreamPosition position)
    {
        lock (_gate)
        {
            long valid = position.Epoch.Length == 0 || position.Epoch == Epoch ? long.MaxValue : _forks.GetValueOrDefault(position.Epoch);
            return position.Seq <= valid ? null : new StreamReset(stream.ToString(), Epoch, valid);
        }
    }

    public string[] Types(StreamId stream)
    {
        lock (_gate)
        {
            return [.. Log(stream).Select(e => e.Type)];
        }
    }

    public JsonElement Payload(StreamId stream, int index)
    {
        lock (_gate)
        {
            JsonElement envelope = Log(stream)[index].Envelope;
            return envelope.TryGetProperty("payload", out JsonElement payload) ? payload : envelope.GetProperty("event").GetProperty("payload");
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_app is not null)
        {
            DropAll();
            await _app.DisposeAsync();
        }
    }

    private static string Method(string type) =>
        ContractCatalog.Agents.TryGet(type, out EventDefinition? definition) ? definition.ClientMethod : ContractCatalog.ProjectClientMethod;

    /// <summary>Not awaited: the connection keeps the order of the calls.</summary>
    private static void Send(IClientProxy to, string method, object argument) => _ = to.SendAsync(method, argument);

    private IClientProxy Client(string kind, string connection) => kind == StreamKind.Thread
        ? _app!.Services.GetRequiredService<IHubContext<TestAgentHub>>().Clients.Client(connection)
        : _app!.Services.GetRequiredService<IHubContext<TestProjectHub>>().Clients.Client(connection);

    private List<(string Type, JsonElement Envelope)> Log(StreamId stream) =>
        _streams.TryGetValue(stream.ToString(), out List<(string Type, JsonElement Envelope)>? log) ? log : _streams[stream.ToString()] = [];

    private HashSet<string> Subscribers(StreamId stream) =>
        _subscribers.TryGetValue(stream.ToString(), out HashSet<string>? all) ? all : _subscribers[stream.ToString()] = [];
}

internal sealed class TestAgentHub(TestHub hub) : Hub
{
    public override Task OnConnectedAsync()
    {
        hub.Connected(Context);
        return Task.CompletedTask;
    }

    public async Task<SubscribeResult> Subscribe(string threadId, string? position) =>
        await hub.CallAsync("Subscribe", Context, threadId, position) is { } error
            ? new SubscribeResult { Error = error }
            : hub.Subscribe(StreamId.Thread(new ThreadId(threadId)), position, Context, Clients.Caller);

    public async Task<Accepted> Unsubscribe(string threadId)
    {
        await hub.CallAsync("Unsubscribe", Context, threadId);
        hub.Unsubscribe(StreamId.Thread(new ThreadId(threadId)), Context.ConnectionId);
        return new Accepted();
    }

    public async Task<PublishResults> Publish(string threadId, JsonElement events)
    {
        PublishResult[] results =
        [
            .. events.Deserialize<NewAgentEvent[]>(ContractJson.Options)!.Select(e =>
                hub.Append(StreamId.Thread(new ThreadId(threadId)), e.Type, e.Payload, e.EventId, e.RunId)),
        ];
        return await hub.CallAsync("Publish", Context, threadId, events) is { } error ? new PublishResults { Error = error } : new PublishResults { Results = results };
    }

    public async Task<EventPage> GetHistory(string threadId, string? after, string? before, int? limit) => new()
    {
        Error = await hub.CallAsync("GetHistory", Context, threadId, after, before, limit),
        Reset = StreamPosition.TryParse(after, out StreamPosition from) ? hub.ResetAfter(StreamId.Thread(new ThreadId(threadId)), from) : null,
    };

    public async Task<Accepted> ServeAgents(IReadOnlyList<string> names, int capacity) =>
        new() { Error = await hub.CallAsync("ServeAgents", Context, names, capacity) };

    public async Task<Pong> Ping(long ts) => new() { Error = await hub.CallAsync("Ping", Context, ts), Ts = ts };

    public async Task<Accepted> ProvideInput(string requestId, JsonElement value, string? threadId = null) =>
        new() { Error = await hub.CallAsync("ProvideInput", Context, requestId, value, threadId) };

    public async Task<MessageAccepted> SendMessage(JsonElement message) =>
        new() { Error = await hub.CallAsync("SendMessage", Context, message), MessageId = message.GetProperty("message_id").GetString() };
}

internal sealed class TestProjectHub(TestHub hub) : Hub
{
    public override Task OnConnectedAsync()
    {
        hub.Connected(Context);
        return Task.CompletedTask;
    }

    public async Task<SubscribeResult> Subscribe(string projectId, string? position)
    {
        await hub.CallAsync("Subscribe", Context, projectId, position);
        await Clients.Caller.SendAsync("ProjectEvent", new ProjectEvent<JsonElement>(
            1, "HELLO", new ProjectId(projectId), 0, hub.Epoch, 0, "evt_hello", new StageRef("TRAIN", 5, "IN_PROGRESS"), new NamedEvent<JsonElement>("HELLO", JsonSerializer.SerializeToElement(new { }))));
        return hub.Subscribe(StreamId.Project(new ProjectId(projectId)), position, Context, Clients.Caller);
    }

    public async Task<Accepted> Unsubscribe(string projectId)
    {
        await hub.CallAsync("Unsubscribe", Context, projectId);
        return new Accepted();
    }

    public PublishResults Publish(string projectId, JsonElement events) => new()
    {
        Results =
        [
            .. events.Deserialize<NewProjectEvent[]>(ContractJson.Options)!.Select(e =>
                hub.Append(StreamId.Project(new ProjectId(projectId)), e.Name, e.Payload, e.EventId)),
        ],
    };

    public async Task<CommandResult> SetStage(string projectId, string stageId, string status, string? message, int? attempt) =>
        new() { Error = await hub.CallAsync("SetStage", Context, projectId, stageId, status, message, attempt) };

    public async Task<ProjectState> GetState(string projectId) =>
        new() { Error = await hub.CallAsync("GetState", Context, projectId), ProjectId = new ProjectId(projectId), CurrentStage = hub.Stage };

    public async Task<Accepted> ServeProjects(IReadOnlyList<string> patterns) => new() { Error = await hub.CallAsync("ServeProjects", Context, patterns) };

    public async Task<Accepted> CompleteCommand(string commandId, JsonElement? result, HubError? error) =>
        new() { Error = await hub.CallAsync("CompleteCommand", Context, commandId, result, error) };
}
