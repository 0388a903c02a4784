namespace HubService.Contracts.Schema;

/// <summary>One SignalR hub.</summary>
/// <param name="Address">Its path, e.g. <c>/hubs/agent</c>.</param>
/// <param name="Hub">The interface of what clients call.</param>
/// <param name="Client">The interface of what the hub calls.</param>
/// <param name="Events">What its streams carry; to a connection come the session events as well.</param>
internal sealed record HubDefinition(string Address, Type Hub, Type Client, EventCatalog Events)
{
    public EventKind Kind => Events.Kind;
}
