using HubService.Contracts;

namespace HubService.Client;

/// <summary>
/// Codes that only a client gives, in a <see cref="HubClientException"/> or in the <c>agent_error</c> of a run; the hub's own are
/// <see cref="ErrorCodes"/>.
/// </summary>
public static class ClientErrorCodes
{
    /// <summary>There was no connection in time. Nothing was sent; retryable.</summary>
    public const string NotConnected = "not_connected";

    /// <summary>More waits to be published than <see cref="HubServiceClientOptions.QueuedEvents"/> or <see cref="HubServiceClientOptions.QueuedBytes"/> allow. Nothing was sent; retryable.</summary>
    public const string QueueFull = "queue_full";

    /// <summary>In <c>agent_error</c>: the agent's code threw, or an event of its run was refused. The run ends as <c>failed</c>.</summary>
    public const string AgentFailed = "agent_failed";

    /// <summary>In <c>agent_error</c>: the chat client that an agent asked threw. The run ends as <c>failed</c>.</summary>
    public const string ModelFailed = "model_failed";
}
