using HubService.Contracts;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.SignalR;
using Microsoft.AspNetCore.SignalR.Client;
using Microsoft.AspNetCore.SignalR.Protocol;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace HubService.Client;

/// <summary>One connection to one hub, which reconnects by itself for as long as the client lives.</summary>
internal sealed partial class HubLink : IAsyncDisposable
{
    /// <summary>A connection that ends sooner does not reset the retry policy, so that a hub which closes at once is not hammered.</summary>
    private static readonly TimeSpan Steady = TimeSpan.FromSeconds(5);

    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly HubServiceClientOptions _options;
    private readonly HubConnection _hub;
    private readonly ServiceProvider _services;
    private readonly ILogger _logger;
    private readonly Notices _notices;
    private TaskCompletionSource _connected = NewSignal();
    private TaskCompletionSource<Exception?> _closed = new();
    private ConnectionState _state;
    private Task? _loop;

    public HubLink(HubServiceClientOptions options, string path)
    {
        _options = options;
        _logger = options.LoggerFactory.CreateLogger("HubService.Client.Connection");
        _notices = new Notices(this, options.LoggerFactory);
        _services = new ServiceCollection().BuildServiceProvider();
        _hub = new HubConnection(
            new WebSocketConnectionFactory(options.AccessToken, options.TimeProvider),
            new JsonHubProtocol(Options.Create(new JsonHubProtocolOptions { PayloadSerializerOptions = Wire.Json })),
            new UriEndPoint(options.HubAddress(path)),
            _services,
            options.LoggerFactory)
        {
            HandshakeTimeout = TimeSpan.FromSeconds(5),
            KeepAliveInterval = TimeSpan.FromSeconds(15),
            ServerTimeout = TimeSpan.FromSeconds(30),
        };
        _hub.Closed += error =>
        {
            _closed.TrySetResult(error);
            return Task.CompletedTask;
        };
        On<SessionEvent<ServerDraining>>(nameof(ISessionClient.ServerDraining), e =>
        {
            TimeSpan within = TimeSpan.FromMilliseconds(Math.Max(0, e.Payload.ReconnectWithinMs));
            _ = LeaveAsync(within);
            _notices.Raise(Draining, new DrainingEventArgs(within));
        });
        On<SessionEvent<TokenExpiring>>(nameof(ISessionClient.TokenExpiring), e => _ = RefreshTokenAsync());
    }

    /// <summary>Raised for every change of state and every failed attempt, on no particular thread; handlers must not block.</summary>
    public event EventHandler<ConnectionChangedEventArgs>? Changed;

    /// <summary>Raised when the hub says that it stops, on no particular thread; handlers must not block.</summary>
    public event EventHandler<DrainingEventArgs>? Draining;

    public ConnectionState State
    {
        get
        {
            lock (_gate)
            {
                return _state;
            }
        }
    }

    /// <summary>How many connections there have been, the present one included.</summary>
    public int Connections { get; private set; }

    /// <summary>Handles what the hub calls, one call at a time, in the order it was sent; handlers must not block or throw.</summary>
    public void On<T>(string method, Action<T> handler) => _hub.On(method, handler);

    /// <summary>Completes when there is a connection. Safe to call again, also to try once more after a refusal.</summary>
    /// <exception cref="HubClientException"><c>unauthorized</c> or <c>forbidden</c>; <c>not_connected</c> when the client is disposed meanwhile.</exception>
    /// <exception cref="ObjectDisposedException">The client was disposed before.</exception>
    public Task ConnectAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_state == ConnectionState.Closed, this);
            if (_state == ConnectionState.Failed)
            {
                (_state, _connected, _loop) = (ConnectionState.Idle, NewSignal(), null);
            }
        }

        return WaitConnectedAsync(cancellationToken);
    }

    /// <summary>As <see cref="ConnectAsync"/>, but what was refused stays refused.</summary>
    public Task WaitConnectedAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (_state is not (ConnectionState.Closed or ConnectionState.Failed))
            {
                _loop ??= Task.Run(RunAsync, CancellationToken.None);
            }

            return _connected.Task.WaitAsync(cancellationToken);
        }
    }

    /// <summary>Calls the hub once, as soon as there is a connection.</summary>
    /// <exception cref="HubClientException">
    /// The hub's error; or <c>not_connected</c> (nothing was sent), or <c>outcome_unknown</c> when the connection was lost or
    /// the time ran out before the answer.
    /// </exception>
    /// <exception cref="OperationCanceledException">The caller cancelled; the inner exception is what it would have been told otherwise.</exception>
    public async Task<T> CallAsync<T>(string method, object?[] arguments, CancellationToken cancellationToken)
        where T : HubResult
    {
        using CancellationTokenSource connecting = new(_options.ConnectedWithin, _options.TimeProvider);
        while (true)
        {
            await WaitConnectedAsync(connecting.Token, cancellationToken);
            using CancellationTokenSource timeout = new(_options.CallTimeout, _options.TimeProvider);
            using CancellationTokenSource linked = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken, _stop.Token);
            try
            {
                T result = await _hub.InvokeCoreAsync<T>(method, arguments, linked.Token);
                return result.Error is null ? result : throw new HubClientException(result.Error);
            }
            catch (HubException e)
            {
                throw new HubClientException(new HubError(ErrorCodes.Internal, e.Message), e);
            }
            catch (InvalidOperationException) when (_hub.State != HubConnectionState.Connected && !_stop.IsCancellationRequested)
            {
                // The connection went between the wait and the call: nothing was sent, wait for the next one.
                await Task.Yield();
            }
            catch (Exception e) when (e is not HubClientException)
            {
                throw OrCancelled(HubClientException.OutcomeUnknown(e), cancellationToken);
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        Task? loop;
        lock (_gate)
        {
            if (_state == ConnectionState.Closed)
            {
                return;
            }

            loop = _loop;
        }

        Become(ConnectionState.Closed);
        await _stop.CancelAsync();
        await _hub.DisposeAsync();
        await (loop ?? Task.CompletedTask);
        await _services.DisposeAsync();
    }

    private async Task WaitConnectedAsync(CancellationToken timeout, CancellationToken cancellationToken)
    {
        using CancellationTokenSource linked = CancellationTokenSource.CreateLinkedTokenSource(timeout, cancellationToken, _stop.Token);
        try
        {
            await WaitConnectedAsync(linked.Token);
        }
        catch (OperationCanceledException e)
        {
            throw OrCancelled(HubClientException.NotConnected(e), cancellationToken);
        }
    }

    /// <summary>Who cancelled is told that, and within it what became of the call.</summary>
    private static Exception OrCancelled(HubClientException error, CancellationToken cancellationToken) =>
        cancellationToken.IsCancellationRequested ? new OperationCanceledException("The call was cancelled.", error, cancellationToken) : error;

    private async Task RunAsync()
    {
        int attempt = 0;
        Become(ConnectionState.Connecting);
        while (!_stop.IsCancellationRequested)
        {
            TimeSpan wait;
            try
            {
                _closed = new TaskCompletionSource<Exception?>(TaskCreationOptions.RunContinuationsAsynchronously);
                await _hub.StartAsync(_stop.Token);
                long since = _options.TimeProvider.GetTimestamp();
                Become(ConnectionState.Connected);
                LogConnected();
                Exception? error = await _closed.Task.WaitAsync(_stop.Token);
                attempt = _options.TimeProvider.GetElapsedTime(since) < Steady ? attempt : 0;
                LogLost(error);
                wait = _options.Retry.Delay(attempt++);
                Become(ConnectionState.Reconnecting, error, wait);
            }
            catch (HubClientException e) when (e.Code is ErrorCodes.Unauthorized or ErrorCodes.Forbidden)
            {
                LogRefused(e);
                Become(ConnectionState.Failed, e);
                return;
            }
            catch (Exception e) when (!_stop.IsCancellationRequested)
            {
                LogFailed(attempt, e);
                wait = _options.Retry.Delay(attempt++);
                Become(State, e, wait);
            }
            catch (Exception)
            {
                return;
            }

            await Task.Delay(wait, _options.TimeProvider, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private void Become(ConnectionState state, Exception? error = null, TimeSpan? retryIn = null)
    {
        ConnectionState previous;
        lock (_gate)
        {
            if (_state == ConnectionState.Closed)
            {
                return;
            }

            previous = _state;
            if (previous == ConnectionState.Connected)
            {
                _connected = NewSignal();
            }

            switch (state)
            {
                case ConnectionState.Connected:
                    Connections++;
                    _connected.TrySetResult();
                    break;
                case ConnectionState.Failed or ConnectionState.Closed:
                    // Whoever waits, and whoever comes later, is told.
                    _connected.TrySetException(error as HubClientException ?? HubClientException.NotConnected(error));
                    _ = _connected.Task.Exception;
                    break;
            }

            _state = state;
        }

        _notices.Raise(Changed, new ConnectionChangedEventArgs(previous, state, error, retryIn));
    }

    /// <summary>Spreads the clients of a stopping node over the time it gives them.</summary>
    private async Task LeaveAsync(TimeSpan within)
    {
        TaskCompletionSource<Exception?> closed = _closed;
        TimeSpan wait = _options.Retry.Part(within);
        await Task.Delay(wait, _options.TimeProvider, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!_stop.IsCancellationRequested && !closed.Task.IsCompleted)
        {
            await _hub.StopAsync(_stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task RefreshTokenAsync()
    {
        try
        {
            if (_options.AccessToken is { } tokens && await tokens(TokenReason.Expiring, _stop.Token) is { } token)
            {
                await CallAsync<TokenRefreshed>("RefreshToken", [token], _stop.Token);
            }
        }
        catch (Exception e)
        {
            // The hub closes the connection at expiry and the reconnect asks for a token again.
            LogTokenNotRefreshed(e);
        }
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    [LoggerMessage(Level = LogLevel.Information, Message = "Connected to the hub")]
    private partial void LogConnected();

    [LoggerMessage(Level = LogLevel.Information, Message = "The connection ended; reconnecting")]
    private partial void LogLost(Exception? error);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Attempt {Attempt} to connect failed")]
    private partial void LogFailed(int attempt, Exception error);

    [LoggerMessage(Level = LogLevel.Error, Message = "The hub does not let this client in; nothing more is tried")]
    private partial void LogRefused(Exception error);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The token could not be refreshed")]
    private partial void LogTokenNotRefreshed(Exception error);
}
