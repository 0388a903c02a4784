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
    private readonly Outgoing _outgoing = new(Window);
    private readonly ConcurrentDictionary<string, Sent[]> _calls = new();
    private readonly ConcurrentQueue<Sent> _acknowledged = new();
    private readonly ConcurrentQueue<RolledBack> _rolledBack = new();
    private readonly Task _running;
    private int _count;
    private int _called;
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

    public bool IsIdle => _outgoing.IsEmpty;

    /// <summary>Puts an event behind those that wait.</summary>
    public Sent Publish(string project, int bytes = 40)
    {
        int number = Interlocked.Increment(ref _count);
        string eventId = $"{_tenant}-{Who}-{number}";
        var sent = new Sent(project, eventId, $"{eventId} {new string((char)('a' + (number % 26)), bytes)}") { Since = Stopwatch.GetTimestamp() };
        _outgoing.Add(sent);
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
                if (_outgoing.Waiting < 2 * Window)
                {
                    Publish(projects[(int)(done % projects.Count)], bytes);
                }
            }

            await Waiting.PauseAsync(TimeSpan.FromMilliseconds(10), CancellationToken.None);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        _outgoing.Dispose();
        _stop.Dispose();
    }

    private async Task RunAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                await using HubSocket wire = await HubSocket.ConnectAsync(_node(), _token, "project", TakeAsync);
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
                    Again(batch, "connection_lost", "unknown");
                }
            }

            await PauseAsync(TimeSpan.FromMilliseconds(100), _stop.Token);
        }
    }

    private async Task SendAsync(HubSocket wire, CancellationToken over)
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

            if (_draining || Stopwatch.GetTimestamp() < Volatile.Read(ref _heldUntil) || _outgoing.Take(_batch) is not { Length: > 0 } batch)
            {
                await _outgoing.ChangedAsync(over);
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

    private void Answered(Sent[] batch, JsonElement completion)
    {
        List<Sent> again = [];
        PublishAnswer refused = default;
        foreach ((Sent sent, PublishAnswer answer) in batch.Zip(PublishAnswer.Read(completion, batch.Length)))
        {
            if (answer.Place is { } place)
            {
                _recorder.Add(new PubOk(Who, _tenant, sent.Stream, sent.EventId, place.Epoch, place.Seq, answer.Duplicate));
                sent.Acknowledge(place);
                _acknowledged.Enqueue(sent);
            }
            else if (answer.Retryable)
            {
                refused = answer;
                again.Add(sent);
                continue;
            }
            else
            {
                Note(sent, answer.Code!, answer.Outcome);
                sent.GiveUp(answer.Code!);
            }

            _outgoing.Arrived(1);
        }

        if (again.Count > 0)
        {
            Again(again, refused.Code!, refused.Outcome);
        }
    }

    /// <summary>In a moment they are sent again.</summary>
    private void Again(IReadOnlyList<Sent> batch, string code, string outcome)
    {
        foreach (Sent sent in batch)
        {
            Note(sent, code, outcome);
        }

        Volatile.Write(ref _heldUntil, Stopwatch.GetTimestamp() + (Stopwatch.Frequency / 5));
        _outgoing.Return(batch);
    }

    private void Note(Sent sent, string code, string outcome)
    {
        Errors.AddOrUpdate(code, 1, (_, n) => n + 1);
        _recorder.Add(new PubFail(Who, _tenant, sent.Stream, sent.EventId, code, outcome));
    }

    private void Told(JsonElement reset)
    {
        var record = new RolledBack(Who, _tenant, reset.GetProperty("stream").GetString()!, reset.GetProperty("epoch").GetString()!, reset.GetProperty("last_valid").GetInt64());
        _recorder.Add(record);
        _rolledBack.Enqueue(record);
        foreach (Sent sent in _acknowledged.Where(s => s.Stream == record.Stream && s.At is { } at && at.Epoch != record.Epoch && at.Seq > record.LastValid).ToList())
        {
            _outgoing.Add(sent);
        }
    }

    private static async Task PauseAsync(TimeSpan time, CancellationToken cancellation)
    {
        try
        {
            await Waiting.PauseAsync(time, cancellation);
        }
        catch (OperationCanceledException)
        {
            // It stops.
        }
    }
}
