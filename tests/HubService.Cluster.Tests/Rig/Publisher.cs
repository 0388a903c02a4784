using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.WebSockets;
using System.Text.Json;
using HubService.Checker;

namespace HubService.Cluster.Tests.Rig;

/// <summary>Publishes over one hub connection: pipelined, with event ids, again with the same id after an error or a lost connection, and once more what it is told was rolled back.</summary>
internal sealed class Publisher : IAsyncDisposable
{
    private const int Window = 64;

    private readonly Recorder _recorder;
    private readonly string _tenant;
    private readonly string _token;
    private readonly Func<Uri> _node;
    private readonly int _batch;
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _gate = new();
    private readonly LinkedList<Sent> _waiting = new();
    private readonly ConcurrentDictionary<string, Sent[]> _calls = new();
    private readonly ConcurrentQueue<Sent> _acknowledged = new();
    private readonly ConcurrentQueue<RolledBack> _rolledBack = new();
    private readonly SemaphoreSlim _work = new(0);
    private readonly Task _running;
    private int _count;
    private int _called;
    private int _outstanding;
    private long _heldUntil;
    private volatile bool _draining;

    /// <param name="batch">How many events one invocation carries at most.</param>
    public Publisher(Recorder recorder, string who, string tenant, Func<Uri> node, int batch = 1)
    {
        _recorder = recorder;
        _tenant = tenant;
        _node = node;
        _batch = batch;
        Who = who;
        _token = HubToken.Publisher(who, tenant);
        _running = Task.Run(RunAsync);
    }

    public string Who { get; }

    public IReadOnlyCollection<Sent> Acknowledged => _acknowledged;

    /// <summary>What it was told is gone.</summary>
    public IReadOnlyCollection<RolledBack> RolledBack => _rolledBack;

    /// <summary>By code.</summary>
    public ConcurrentDictionary<string, int> Errors { get; } = new();

    public bool IsIdle
    {
        get
        {
            lock (_gate)
            {
                return _waiting.Count == 0 && _outstanding == 0;
            }
        }
    }

    /// <summary>Puts an event behind those that wait.</summary>
    public Sent Publish(string project, int bytes = 40)
    {
        int number = Interlocked.Increment(ref _count);
        string eventId = $"{_tenant}-{Who}-{number}";
        var sent = new Sent(project, eventId, $"{eventId} {new string((char)('a' + (number % 26)), bytes)}") { Since = Stopwatch.GetTimestamp() };
        Enqueue(sent, first: false);
        return sent;
    }

    /// <summary>Puts that many behind those that wait; completes when all are acknowledged.</summary>
    public Task PublishAsync(string project, int count, int bytes = 40) => Task.WhenAll(Enumerable.Range(0, count).Select(_ => Publish(project, bytes).Placed).ToArray());

    /// <summary>Publishes at a rate until cancelled; what cannot be sent is not piled up.</summary>
    public async Task LoadAsync(IReadOnlyList<string> projects, double perSecond, CancellationToken until, int bytes = 40)
    {
        long start = Stopwatch.GetTimestamp();
        long done = 0;
        while (!until.IsCancellationRequested)
        {
            long due = (long)(Stopwatch.GetElapsedTime(start).TotalSeconds * perSecond);
            for (; done < due; done++)
            {
                if (Waiting < 2 * Window)
                {
                    Publish(projects[(int)(done % projects.Count)], bytes);
                }
            }

            await Task.WhenAny(Rig.Waiting.PauseAsync(TimeSpan.FromMilliseconds(10)));
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _work.Release();
        await _running;
        _stop.Dispose();
    }

    private int Waiting
    {
        get
        {
            lock (_gate)
            {
                return _waiting.Count;
            }
        }
    }

    private void Enqueue(Sent sent, bool first)
    {
        lock (_gate)
        {
            if (first)
            {
                _waiting.AddFirst(sent);
            }
            else
            {
                _waiting.AddLast(sent);
            }
        }

        _work.Release();
    }

    private async Task RunAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                await using Wire wire = await Wire.ConnectAsync(_node(), _token, "project", TakeAsync);
                _draining = false;
                using CancellationTokenSource over = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
                Task sending = SendAsync(wire, over.Token);
                await Task.WhenAny(wire.Ended, sending);
                await over.CancelAsync();
                wire.Abort();
                await sending;
                await wire.Ended;
            }
            catch (WebSocketException)
            {
                // Nobody is there; again below.
            }

            foreach (string call in _calls.Keys)
            {
                if (_calls.TryRemove(call, out Sent[]? batch))
                {
                    Failed(batch, "connection_lost", "unknown");
                }
            }

            await PauseAsync(TimeSpan.FromMilliseconds(100), _stop.Token);
        }
    }

    private async Task SendAsync(Wire wire, CancellationToken over)
    {
        long pinged = Stopwatch.GetTimestamp();
        while (!over.IsCancellationRequested)
        {
            if (Stopwatch.GetElapsedTime(pinged) > TimeSpan.FromSeconds(10))
            {
                pinged = Stopwatch.GetTimestamp();
                await wire.SendAsync("""{"type":6}""");
            }

            // A node that stops answers what it has; the next one gets the rest.
            if (_draining && _calls.IsEmpty)
            {
                return;
            }

            if (_draining || Stopwatch.GetTimestamp() < Volatile.Read(ref _heldUntil) || Take() is not { Length: > 0 } batch)
            {
                await WorkAsync(over);
                continue;
            }

            foreach (Sent sent in batch)
            {
                _recorder.Add(new PubInvoke(Who, _tenant, sent.Stream, sent.EventId, sent.Hash));
            }

            string call = $"{Interlocked.Increment(ref _called)}";
            _calls[call] = batch;
            await wire.InvokeAsync(call, "Publish", batch[0].Project, batch.Select(s => Content.Event(s.EventId, s.Text)).ToArray());
        }
    }

    /// <summary>The next events of one stream, if there is room on the way.</summary>
    private Sent[] Take()
    {
        lock (_gate)
        {
            List<Sent> batch = [];
            while (batch.Count < _batch && _outstanding < Window && _waiting.First is { } next && (batch.Count == 0 || next.Value.Project == batch[0].Project))
            {
                _waiting.RemoveFirst();
                _outstanding++;
                batch.Add(next.Value);
            }

            return [.. batch];
        }
    }

    private ValueTask TakeAsync(JsonElement message)
    {
        int type = message.GetProperty("type").GetInt32();
        if (type == 3 && _calls.TryRemove(message.GetProperty("invocationId").GetString()!, out Sent[]? batch))
        {
            Answered(batch, message);
        }
        else if (type == 1 && message.GetProperty("target").ValueEquals("Reset"))
        {
            Told(message.GetProperty("arguments")[0].GetProperty("payload"));
        }
        else if (type == 1 && message.GetProperty("target").ValueEquals("ServerDraining"))
        {
            _draining = true;
        }

        return ValueTask.CompletedTask;
    }

    private void Answered(Sent[] batch, JsonElement message)
    {
        if (!message.TryGetProperty("result", out JsonElement answer))
        {
            Failed(batch, "internal", "unknown");
            return;
        }

        if (answer.TryGetProperty("error", out JsonElement error) && error.ValueKind == JsonValueKind.Object)
        {
            Failed(batch, error);
            return;
        }

        foreach ((Sent sent, JsonElement result) in batch.Zip(answer.GetProperty("results").EnumerateArray()))
        {
            if (result.TryGetProperty("error", out error) && error.ValueKind == JsonValueKind.Object)
            {
                Failed([sent], error);
                continue;
            }

            var place = new Position(result.GetProperty("epoch").GetString()!, result.GetProperty("seq").GetInt64());
            _recorder.Add(new PubOk(Who, _tenant, sent.Stream, sent.EventId, place.Epoch, place.Seq, result.TryGetProperty("duplicate", out JsonElement duplicate) && duplicate.ValueKind == JsonValueKind.True));
            lock (_gate)
            {
                _outstanding--;
            }

            sent.Acknowledge(place);
            _acknowledged.Enqueue(sent);
            _work.Release();
        }
    }

    private void Failed(Sent[] batch, JsonElement error)
    {
        string code = error.GetProperty("code").GetString()!;
        if (error.GetProperty("retryable").GetBoolean())
        {
            Failed(batch, code, code is "outcome_unknown" or "internal" ? "unknown" : "not_applied");
            return;
        }

        foreach (Sent sent in batch)
        {
            _recorder.Add(new PubFail(Who, _tenant, sent.Stream, sent.EventId, code, "not_applied"));
            sent.GiveUp(code);
        }

        lock (_gate)
        {
            _outstanding -= batch.Length;
        }

        Errors.AddOrUpdate(code, batch.Length, (_, n) => n + batch.Length);
    }

    /// <summary>They go to the front, in their order, and are sent again in a moment.</summary>
    private void Failed(Sent[] batch, string code, string outcome)
    {
        Errors.AddOrUpdate(code, batch.Length, (_, n) => n + batch.Length);
        Volatile.Write(ref _heldUntil, Stopwatch.GetTimestamp() + (Stopwatch.Frequency / 5));
        foreach (Sent sent in batch.Reverse())
        {
            _recorder.Add(new PubFail(Who, _tenant, sent.Stream, sent.EventId, code, outcome));
            lock (_gate)
            {
                _outstanding--;
            }

            Enqueue(sent, first: true);
        }
    }

    private void Told(JsonElement reset)
    {
        var record = new RolledBack(Who, _tenant, reset.GetProperty("stream").GetString()!, reset.GetProperty("epoch").GetString()!, reset.GetProperty("last_valid").GetInt64());
        _recorder.Add(record);
        _rolledBack.Enqueue(record);
        foreach (Sent sent in _acknowledged.Where(s => s.Stream == record.Stream && s.At is { } at && at.Epoch != record.Epoch && at.Seq > record.LastValid).ToList())
        {
            Enqueue(sent, first: false);
        }
    }

    private async Task WorkAsync(CancellationToken over)
    {
        try
        {
            await _work.WaitAsync(TimeSpan.FromMilliseconds(50), over);
        }
        catch (OperationCanceledException)
        {
            // The connection is over.
        }
    }

    private static async Task PauseAsync(TimeSpan time, CancellationToken cancellation)
    {
        try
        {
            await Rig.Waiting.PauseAsync(time, cancellation);
        }
        catch (OperationCanceledException)
        {
            // It stops.
        }
    }
}
