using HubService.Contracts;

namespace HubService.Client;

/// <summary>Codes that only a client gives; the hub's own are <see cref="ErrorCodes"/>.</summary>
public static class ClientErrorCodes
{
    /// <summary>There was no connection in time. Nothing was sent; retryable.</summary>
    public const string NotConnected = "not_connected";

    /// <summary>More waits to be published than <see cref="HubServiceClientOptions.QueuedEvents"/> or <see cref="HubServiceClientOptions.QueuedBytes"/> allow. Nothing was sent; retryable.</summary>
    public const string QueueFull = "queue_full";
}
