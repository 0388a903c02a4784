using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.WebSockets;
using System.Text.Json;
using HubService.Checker;

namespace HubService.Cluster.Tests.Rig;

/// <summary>A client as PROTOCOL.md tells one to be: subscribes, keeps its position, comes back and resumes. What it gets is recorded as it comes.</summary>
internal sealed class Subscriber : IAsyncDisposable
{
    private static readonly TimeSpan PingInterval = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan DeadAfter = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan LongestBackoff = TimeSpan.FromSeconds(2);

    private readonly Func<Uri> _node;
    private readonly string _token;
    private readonly Dictionary<string, Subscription> _subscriptions;
    private readonly CancellationTokenSource _stop = new();
    private readonly Random _random;
    private readonly ConcurrentQueue<Move> _moves = new();
    private readonly Task _running;
    private (TimeSpan Within, long At)? _told;
    private TaskCompletionSource? _reading;
    private volatile HubSocket? _wire;
    private volatile bool _away;
    private long _heard;
    private int _asked;

    /// <param name="node">Which node to connect to, asked each time.</param>
    /// <param name="projects">What it subscribes to.</param>
    /// <param name="fromBeginning">False: only what comes from then on.</param>
    public Subscriber(Recorder recorder, string who, string tenant, Func<Uri> node, IEnumerable<string> projects, bool fromBeginning = true)
    {
        _node = node;
        Who = who;
        _token = HubToken.Reader(who, tenant);
        _subscriptions = projects.ToDictionary(p => p, p => new Subscription(recorder, who, tenant, p, fromBeginning));
        _random = new Random(who.GetHashCode(StringComparison.Ordinal));
        _running = Task.Run(RunAsync);
    }

    public string Who { get; }

    public IEnumerable<string> Projects => _subscriptions.Keys;

    /// <summary>True when each of its subscriptions was answered on the present connection.</summary>
    public bool IsLive => _subscriptions.Values.All(s => s.Attached);

    /// <summary>What it last met with, for whoever wonders why it is not attached.</summary>
    public string State { get; private set; } = "";

    /// <summary>How often it had to connect.</summary>
    public int Connects { get; private set; }

    /// <summary>The node of the present connection.</summary>
    public Uri? Node { get; private set; }

    /// <summary>How it went away from nodes that said that they stop.</summary>
    public IReadOnlyCollection<Move> Moves => _moves;

    /// <summary>The bytes of the largest message on the present connection.</summary>
    public int LargestMessage => _wire?.Largest ?? 0;

    /// <summary>The resets it was told of.</summary>
    public IReadOnlyList<Reset> Resets => [.. _subscriptions.Values.SelectMany(s =>
    {
        lock (s.Resets)
        {
            return s.Resets.ToArray();
        }
    })];

    /// <summary>Null until it knows.</summary>
    public Position? At(string project) => _subscriptions[project].At;

    /// <summary>Drops its connection, as a network that goes away does.</summary>
    public void Cut() => _wire?.Abort();

    /// <summary>Goes, and stays away until <see cref="Return"/>.</summary>
    public void Leave()
    {
        _away = true;
        Cut();
    }

    public void Return() => _away = false;

    /// <summary>Reads nothing more until <see cref="GoOn"/>.</summary>
    public void Stall() => _reading = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    public void GoOn() => _reading?.TrySetResult();

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        GoOn();
        _wire?.Abort();
        await _running;
        _stop.Dispose();
    }

    private async Task RunAsync()
    {
        for (int failures = 0; !_stop.IsCancellationRequested;)
        {
            if (_away)
            {
                await PauseAsync(TimeSpan.FromMilliseconds(20));
                continue;
            }

            try
            {
                Uri node = _node();
                await using HubSocket wire = _wire = await HubSocket.ConnectAsync(node, _token, "project", TakeAsync);
                failures = 0;
                Node = node;
                Connects++;
                if (_told is { } told)
                {
                    _told = null;
                    _moves.Enqueue(new Move(told.Within, Stopwatch.GetElapsedTime(told.At)));
                }

                await StayAsync(wire);
            }
            catch (WebSocketException e)
            {
                failures++;
                State = $"does not connect: {e.InnerException?.Message}";
            }

            _wire = null;
            foreach (Subscription subscription in _subscriptions.Values)
            {
                subscription.Disconnect();
            }

            // Full jitter, doubling.
            double most = Math.Min(LongestBackoff.TotalMilliseconds, 200 << Math.Min(failures, 6));
            await PauseAsync(TimeSpan.FromMilliseconds(_random.NextDouble() * most));
        }
    }

    private async Task StayAsync(HubSocket wire)
    {
        _heard = Stopwatch.GetTimestamp();
        foreach (Subscription subscription in _subscriptions.Values)
        {
            await AttachAsync(wire, subscription);
        }

        while (!wire.Ended.IsCompleted && !_stop.IsCancellationRequested)
        {
            using CancellationTokenSource next = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
            await Task.WhenAny(wire.Ended, PauseAsync(PingInterval, next.Token));
            await next.CancelAsync();
            if (_reading is null or { Task.IsCompleted: true } && Stopwatch.GetElapsedTime(Volatile.Read(ref _heard)) > DeadAfter)
            {
                return;
            }

            await wire.SendAsync("""{"type":6}""");
        }
    }

    private async Task AttachAsync(HubSocket wire, Subscription subscription)
    {
        string call = $"{Interlocked.Increment(ref _asked)}";
        Position? from = subscription.Ask(call);
        State = $"asked for {subscription.Project} after {from}";
        await wire.InvokeAsync(call, "Subscribe", subscription.Project, from?.ToString());
    }

    private async ValueTask TakeAsync(JsonElement message)
    {
        Volatile.Write(ref _heard, Stopwatch.GetTimestamp());
        if (_reading is { Task.IsCompleted: false } stalled)
        {
            await stalled.Task;
        }

        int type = message.GetProperty("type").GetInt32();
        if (type == 3)
        {
            string call = message.GetProperty("invocationId").GetString()!;
            if (_subscriptions.Values.FirstOrDefault(s => s.Call == call) is { } subscription)
            {
                Answered(subscription, message);
            }
        }
        else if (type == 1)
        {
            Called(message.GetProperty("target").GetString()!, message.GetProperty("arguments")[0]);
        }
    }

    private void Answered(Subscription subscription, JsonElement message)
    {
        if (message.TryGetProperty("result", out JsonElement result) && (!result.TryGetProperty("error", out JsonElement error) || error.ValueKind == JsonValueKind.Null))
        {
            subscription.Answer(result);
            return;
        }

        State = $"refused: {message.GetRawText()}";
        AskAgain(subscription);
    }

    private void Called(string target, JsonElement argument)
    {
        switch (target)
        {
            case "ProjectEvent" when argument.GetProperty("type").ValueEquals("EVENT"):
                if (_subscriptions.TryGetValue(argument.GetProperty("project_id").GetString()!, out Subscription? subscription) && !subscription.Take(argument))
                {
                    Later(subscription);
                }

                break;
            case "HistoryLost":
                Of(argument).Lose(argument.GetProperty("payload"));
                break;
            case "Reset":
                if (!Of(argument).GoBack(argument.GetProperty("payload")))
                {
                    AskAgain(Of(argument));
                }

                break;
            case "ServerDraining":
                MoveAway(TimeSpan.FromMilliseconds(argument.GetProperty("payload").GetProperty("reconnect_within_ms").GetInt32()));
                break;
        }
    }

    /// <summary>The node stops: some time before that, the connection is made anew elsewhere.</summary>
    private void MoveAway(TimeSpan within)
    {
        _told = (within, Stopwatch.GetTimestamp());
        if (_wire is { } wire)
        {
            TimeSpan time = _random.NextDouble() * within;
            _ = Task.Run(async () =>
            {
                await PauseAsync(time);
                wire.Abort();
            });
        }
    }

    /// <summary>Asks again, in a moment, on the same connection.</summary>
    private void Later(Subscription subscription)
    {
        if (_wire is { } wire)
        {
            _ = Task.Run(async () =>
            {
                await PauseAsync(TimeSpan.FromMilliseconds(200));
                if (!wire.Ended.IsCompleted && !_stop.IsCancellationRequested)
                {
                    await AttachAsync(wire, subscription);
                }
            });
        }
    }

    private void AskAgain(Subscription subscription)
    {
        subscription.Detach();
        Later(subscription);
    }

    /// <summary>The one that a session event speaks of.</summary>
    private Subscription Of(JsonElement told) => _subscriptions.Values.First(s => told.GetProperty("payload").GetProperty("stream").ValueEquals(s.Stream));

    private async Task PauseAsync(TimeSpan time, CancellationToken? cancellation = null)
    {
        try
        {
            await Waiting.PauseAsync(time, cancellation ?? _stop.Token);
        }
        catch (OperationCanceledException)
        {
            // It stops, or need not wait any longer.
        }
    }
}
