namespace HubService.Client;

/// <summary>What a user should be told about the connection.</summary>
public enum LossPhase
{
    /// <summary>There has been no connection for <see cref="HubServiceClientOptions.LostAfter"/>; attempts go on.</summary>
    Lost,

    /// <summary>There is one again, after it was lost.</summary>
    Restored,

    /// <summary>The hub does not let this client in; nothing is tried any more. See <see cref="ConnectionState.Failed"/>.</summary>
    Failed,
}
