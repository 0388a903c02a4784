namespace HubService.Wire;

/// <summary>Calls on one hub connection that need not go by SignalR's dispatcher.</summary>
internal interface IDirectCalls
{
    /// <summary>Takes a message, if it knows how. Called with one whole text at a time, when SignalR has done with all that came before.</summary>
    /// <param name="message">Of SignalR's JSON protocol, with its separator. Not to be kept.</param>
    bool TryTake(ReadOnlySpan<byte> message);
}
