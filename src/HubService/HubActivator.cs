using Microsoft.AspNetCore.SignalR;

namespace HubService;

/// <summary>
/// Makes one of this service's hubs for a call. All that they ask for lives as long as the process, so this does too: SignalR's own activator
/// lives in the call's scope, which would have to remember it.
/// </summary>
internal sealed class HubActivator<THub>(IServiceProvider services) : IHubActivator<THub>
    where THub : Hub
{
    private readonly ObjectFactory<THub> _create = ActivatorUtilities.CreateFactory<THub>([]);

    public THub Create() => _create(services, []);

    public void Release(THub hub) => hub.Dispose();
}
