using System.Security.Cryptography;
using HubService.Cluster;
using HubService.Streams;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace HubService.Redis;

/// <summary>
/// The node's connections to Redis, watched: every second a number goes out by the way of a publish and must come back by the
/// way of a subscriber. When it does not for three seconds, whatever the sockets say, both are made anew: a connection that
/// answers and delivers nothing is the failure that nobody else would notice.
/// </summary>
internal sealed partial class RedisLink : IRedisLink, IHostedService, IAsyncDisposable
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Deaf = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan NotReady = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(15);

    private readonly RedisConnector _connector;
    private readonly RedisChannel _probeChannel;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _gate = new();
    private readonly List<Action> _callbacks = [];
    private volatile RedisPair? _pair;
    private volatile bool _lost;
    private long _heardAt;
    private long _sent;
    private bool _reported;
    private bool _isDisposed;
    private Task _loop = Task.CompletedTask;

    public RedisLink(IOptions<RedisOptions> options, NodeName node, TimeProvider time, ILogger<RedisLink> logger)
    {
        _connector = new RedisConnector(options.Value.Connection);
        _probeChannel = new RedisKeys(options.Value.Prefix).Probe(node.Unique());
        _time = time;
        _logger = logger;
    }

    public IDatabase Database => Pair.Commands.GetDatabase();

    public ISubscriber Subscriber => Pair.Subscriber.GetSubscriber();

    /// <summary>The server's line of history, as of the last pass; what was acknowledged in another one may have been rolled back.</summary>
    public string Lineage { get; private set; } = "";

    /// <summary>When a number last came back, as a timestamp of the clock.</summary>
    public long HeardAt => Volatile.Read(ref _heardAt);

    /// <summary>True when a number that went out came back within the last seconds.</summary>
    public bool IsHealthy => _pair is not null && _time.GetElapsedTime(HeardAt) < NotReady;

    /// <summary>True when commands have a connection now.</summary>
    public bool IsConnected => _pair is { } pair && pair.Commands.IsConnected;

    private RedisPair Pair => _pair ?? throw RedisFailure.Unavailable();

    public void OnReconnected(Action callback)
    {
        lock (_gate)
        {
            _callbacks.Add(callback);
        }
    }

    /// <summary>Says that the server is no longer the primary: the next pass looks for it.</summary>
    public void Lost() => _lost = true;

    /// <summary>Connects, and waits for a server that is only just starting.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        long started = _time.GetTimestamp();
        while (true)
        {
            try
            {
                await ConnectAsync();
                break;
            }
            catch (LogException) when (_time.GetElapsedTime(started) < StartTimeout)
            {
                await Task.Delay(Second / 4, _time, cancellationToken);
            }
        }

        await PassOnceAsync();
        _loop = RunAsync();
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stop.CancelAsync();
        await _loop;
    }

    /// <summary>Once, though it is registered, and so disposed of, under several names.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isDisposed, true))
        {
            return;
        }

        await StopAsync(CancellationToken.None);
        _pair?.Dispose();
        _stop.Dispose();
    }

    /// <summary>Sends a number, asks which history the server is of, and makes new connections when the present ones are deaf.</summary>
    public async Task PassOnceAsync()
    {
        if (_pair is { } pair)
        {
            try
            {
                IDatabase database = pair.Commands.GetDatabase();
                Task<long> sent = database.PublishAsync(_probeChannel, Interlocked.Increment(ref _sent));
                string info = (string)await database.ExecuteAsync("INFO", "replication").WaitAsync(Second, _time);
                await sent.WaitAsync(Second, _time);
                int at = info.IndexOf("master_replid:", StringComparison.Ordinal);
                Lineage = at < 0 ? "" : info.Substring(at + "master_replid:".Length, 10);
            }
            catch (Exception e) when (RedisFailure.IsTransient(e))
            {
                // Not heard, then; that counts below.
            }
        }

        if (_lost || _time.GetElapsedTime(HeardAt) > Deaf)
        {
            Report();
            try
            {
                await ConnectAsync();
            }
            catch (LogException)
            {
                // The old ones stay, in case they come back by themselves; the next pass tries again.
                await Task.Delay(TimeSpan.FromMilliseconds(RandomNumberGenerator.GetInt32(50, 500)), _time, _stop.Token);
            }
        }
    }

    private void Report()
    {
        if (!_reported)
        {
            _reported = true;
            LogDeaf(_logger);
        }
    }

    private async Task ConnectAsync()
    {
        RedisPair made = await _connector.ConnectAsync();
        try
        {
            await made.Subscriber.GetSubscriber().SubscribeAsync(_probeChannel, (_, _) => Volatile.Write(ref _heardAt, _time.GetTimestamp())).WaitAsync(Second, _time);
        }
        catch (Exception e) when (e is RedisException or TimeoutException)
        {
            made.Dispose();
            throw RedisFailure.Unavailable(e);
        }

        made.Subscriber.ConnectionRestored += (_, _) => Reconnected();
        RedisPair? old = _pair;
        _pair = made;
        _lost = false;
        Volatile.Write(ref _heardAt, _time.GetTimestamp());
        if (old is not null)
        {
            // Closing may wait for sockets that nobody answers any more.
            _ = Task.Run(old.Dispose);
            LogConnected(_logger);
            _reported = false;
        }

        Reconnected();
    }

    private void Reconnected()
    {
        Action[] callbacks;
        lock (_gate)
        {
            callbacks = [.. _callbacks];
        }

        foreach (Action callback in callbacks)
        {
            callback();
        }
    }

    private async Task RunAsync()
    {
        using var timer = new PeriodicTimer(Second, _time);
        try
        {
            while (await timer.WaitForNextTickAsync(_stop.Token))
            {
                await PassOnceAsync();
            }
        }
        catch (OperationCanceledException)
        {
            // The service stops.
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "What is published to Redis does not come back, or the server is no primary any more; connecting anew")]
    private static partial void LogDeaf(ILogger logger);

    [LoggerMessage(Level = LogLevel.Information, Message = "Connected to Redis anew")]
    private static partial void LogConnected(ILogger logger);
}
