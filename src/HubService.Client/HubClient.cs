using HubService.Contracts;

namespace HubService.Client;

/// <summary>
/// What the clients of both hubs have in common: one connection, made when first needed, that reconnects by itself.
/// Events are raised on no particular thread; a handler must not block, and one that throws is logged and harms nobody.
/// </summary>
public abstract class HubClient
{
    private readonly Notices _notices;
    private readonly LossWatch _loss;

    private protected HubClient(HubServiceClientOptions options, string hub)
    {
        Options = options;
        _notices = new Notices(this, options.LoggerFactory);
        _loss = new LossWatch(options.LostAfter, options.TimeProvider, (phase, e) => _notices.Raise(ConnectionLoss, new ConnectionLossEventArgs(phase, e)));
        Link = new HubLink(options, hub);
        Subscriptions = new Subscriptions(Link, options, e => _notices.Raise(Recovery, e));
        Link.Changed += (_, change) =>
        {
            _notices.Raise(StateChanged, change);
            _loss.Changed(change);
        };
        Link.Draining += (_, e) => _notices.Raise(Draining, e);
    }

    /// <summary>Raised for every change of state and every attempt that failed.</summary>
    public event EventHandler<ConnectionChangedEventArgs>? StateChanged;

    /// <summary>Raised when the connection has been away for longer than <see cref="HubServiceClientOptions.LostAfter"/>, when it is back after that, and when it will not come back.</summary>
    public event EventHandler<ConnectionLossEventArgs>? ConnectionLoss;

    /// <summary>Raised when the hub says that it stops; the client moves to another node by itself.</summary>
    public event EventHandler<DrainingEventArgs>? Draining;

    /// <summary>Raised after every subscription, also each that a reconnect repeats: was anything missed since the last position?</summary>
    public event EventHandler<RecoveryEventArgs>? Recovery;

    /// <summary>
    /// Raised when the store has lost events that were acknowledged to this client; those it still has, the newest 1,000 or 4 MB
    /// of each stream, are published again by themselves.
    /// </summary>
    public event EventHandler<RolledBackEventArgs>? RolledBack;

    /// <summary>Where the connection stands now; <see cref="StateChanged"/> tells of every change.</summary>
    public ConnectionState State => Link.State;

    /// <summary>Gaps that were seen and repaired on the streams followed now; 0 unless the hub broke its promise.</summary>
    public long Gaps => Subscriptions.Gaps;

    private protected HubServiceClientOptions Options { get; }

    private protected HubLink Link { get; }

    private protected Subscriptions Subscriptions { get; }

    /// <summary>
    /// Completes when there is a connection; attempts go on until then, unless the hub refuses this client. Every other member
    /// connects by itself. After a refusal this tries anew.
    /// </summary>
    /// <param name="cancellationToken">Ends the wait; the attempts go on.</param>
    /// <exception cref="HubClientException"><c>unauthorized</c> or <c>forbidden</c> when the hub refused also a new token; <c>not_connected</c> when the client was disposed meanwhile.</exception>
    /// <exception cref="ObjectDisposedException">The client was disposed before.</exception>
    public Task ConnectAsync(CancellationToken cancellationToken = default) => Link.ConnectAsync(cancellationToken);

    private protected void OnRolledBack(RolledBackEventArgs e) => _notices.Raise(RolledBack, e);

    private protected Task<T> Call<T>(string method, CancellationToken cancellationToken, params object?[] arguments)
        where T : HubResult => Link.CallAsync<T>(method, arguments, cancellationToken);

    private protected async ValueTask CloseAsync()
    {
        Subscriptions.Dispose();
        await Link.DisposeAsync();
    }
}
