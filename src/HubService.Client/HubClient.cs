using HubService.Contracts;

namespace HubService.Client;

/// <summary>What the clients of both hubs have in common: one connection, made when first needed and made again whenever it is lost.</summary>
public abstract class HubClient
{
    private protected HubClient(HubServiceClientOptions options, string hub)
    {
        Options = options;
        Link = new HubLink(options, hub);
        Subscriptions = new Subscriptions(Link, options);
    }

    /// <summary>Where the connection stands now; <see cref="StateChanged"/> tells of every change.</summary>
    public ConnectionState State => Link.State;

    /// <summary>Raised for every change of state, on no particular thread; handlers must not block or throw.</summary>
    public event EventHandler<ConnectionChangedEventArgs>? StateChanged
    {
        add => Link.Changed += value;
        remove => Link.Changed -= value;
    }

    /// <summary>
    /// Raised when the store has lost events that were acknowledged to this client; those it still has, the newest 1,000 or 4 MB of each stream, are published again by themselves. On no
    /// particular thread; handlers must not block or throw.
    /// </summary>
    public event EventHandler<RolledBackEventArgs>? RolledBack;

    /// <summary>Gaps that were seen and repaired on the streams followed now; 0 unless the hub broke its promise.</summary>
    public long Gaps => Subscriptions.Gaps;

    private protected HubServiceClientOptions Options { get; }

    private protected HubLink Link { get; }

    private protected Subscriptions Subscriptions { get; }

    /// <summary>Completes with the first connection; attempts go on until then. Every other member connects by itself.</summary>
    public Task ConnectAsync(CancellationToken cancellationToken = default) => Link.ConnectAsync(cancellationToken);

    private protected void OnRolledBack(RolledBackEventArgs e) => RolledBack?.Invoke(this, e);

    private protected Task<T> Call<T>(string method, CancellationToken cancellationToken, params object?[] arguments)
        where T : HubResult => Link.CallAsync<T>(method, arguments, cancellationToken);
}
