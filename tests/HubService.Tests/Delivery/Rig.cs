using System.Diagnostics.Metrics;
using System.Text;
using HubService.Contracts;
using HubService.Delivery;
using HubService.Streams;
using HubService.Telemetry;
using Microsoft.AspNetCore.SignalR.Protocol;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace HubService.Tests.Delivery;

/// <summary>Delivery without sockets and without a hub: a log in memory, outboxes, and a clock that stands still.</summary>
internal sealed class Rig : IDisposable
{
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly CompletionHooks _completions = new();
    private readonly int _room;
    private readonly IHubProtocol _protocol;
    private int _connections;

    public Rig(DeliveryOptions? options = null, StreamOptions? streams = null, int room = 1024, Func<IEventLog, IEventLog>? wrap = null, IHubProtocol? protocol = null)
    {
        _room = room;
        _protocol = protocol ?? new JsonHubProtocol();
        Log = new MemoryEventLog(Options.Create(streams ?? new StreamOptions()), Clock);
        Log = wrap?.Invoke(Log) ?? Log;
        var metrics = new HubMetrics(_services.GetRequiredService<IMeterFactory>());
        var lanes = new ReplayLanes(Clock);
        Outboxes = new Outboxes(Log, new ReplayPages(Log, Clock), lanes, Options.Create(options ?? new DeliveryOptions()), Clock, metrics, NullLogger<Outbox>.Instance);
        Feeds = new StreamFeeds(Log, News, lanes, metrics);
        Subscriptions = new Subscriptions(Outboxes, Feeds, Log, _completions, Clock, metrics);
    }

    public static StreamKey Stream { get; } = new("t", StreamKind.Thread, "a");

    public ManualTimeProvider Clock { get; } = new();

    public IEventLog Log { get; }

    public AccessNews News { get; } = new();

    public Outboxes Outboxes { get; }

    public StreamFeeds Feeds { get; }

    public Subscriptions Subscriptions { get; }

    public FakeConnection Connect(int? room = null, IHubProtocol? protocol = null) => new($"c{++_connections}", Outboxes, room ?? _room, protocol ?? _protocol);

    public async Task<AppendResult> AppendAsync(int events, int size = 100, StreamKey? stream = null)
    {
        byte[] body = Encoding.UTF8.GetBytes($$"""{"text":"{{new string('x', size)}}"}""");
        AppendResult? result = null;
        for (int i = 0; i < events; i++)
        {
            result = await Log.AppendAsync(stream ?? Stream, [new NewLogEvent(Ids.New("evt_"), false, "status_update", Clock.NowMs, body)]);
        }

        return result!;
    }

    /// <summary>Joins; the answer is held back until the returned action is called.</summary>
    public async Task<(SubscribeResult Result, Action Answer)> JoinAsync(FakeConnection connection, StreamPosition? position = null, StreamKey? stream = null, string? prelude = null) =>
        await StartAsync((await Subscriptions.JoinAsync(connection.Id, stream ?? Stream))!, position, prelude is null ? null : _ => Task.FromResult<IReadOnlyList<ReadOnlyMemory<byte>>>([JsonInvocation.Frame(prelude, new ServerDraining(0))]));

    /// <summary>The second half of joining.</summary>
    public async Task<(SubscribeResult Result, Action Answer)> StartAsync(Cursor cursor, StreamPosition? position = null, Func<LogHead, Task<IReadOnlyList<ReadOnlyMemory<byte>>>>? prelude = null)
    {
        SubscribeResult result = await Subscriptions.StartAsync(cursor, position, prelude);
        return (result, () => _completions.Written(result, new System.Buffers.ArrayBufferWriter<byte>()));
    }

    public async Task<SubscribeResult> SubscribeAsync(FakeConnection connection, StreamPosition? position = null, StreamKey? stream = null, string? prelude = null)
    {
        (SubscribeResult result, Action answer) = await JoinAsync(connection, position, stream, prelude);
        answer();
        return result;
    }

    public static OutboundMessage Control(string method) => new(JsonInvocation.Frame(method, new ServerDraining(0)));

    public static long[] Run(long from, long to) => [.. Enumerable.Range((int)from, (int)(to - from + 1)).Select(i => (long)i)];

    public void Dispose() => _services.Dispose();
}
