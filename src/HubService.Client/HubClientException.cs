using HubService.Contracts;

namespace HubService.Client;

/// <summary>A request failed; <see cref="Error"/> is what the hub answered, or <c>not_connected</c>, <c>queue_full</c>, <c>payload_too_large</c> or <c>outcome_unknown</c> from this side.</summary>
public sealed class HubClientException(HubError error, Exception? innerException = null)
    : Exception($"{error.Code}: {error.Message}", innerException)
{
    /// <summary>The error as the hub gave it: code, message, details and trace id.</summary>
    public HubError Error { get; } = error;

    /// <summary>One of <see cref="ErrorCodes"/> or <see cref="ClientErrorCodes"/>.</summary>
    public string Code => Error.Code;

    /// <summary>True when the same request may succeed later.</summary>
    public bool Retryable => Error.Retryable;

    internal static HubClientException NotConnected(Exception? inner = null) =>
        new(new HubError(ClientErrorCodes.NotConnected, "There is no connection to the hub; nothing was sent.", Retryable: true), inner);

    internal static HubClientException QueueFull() =>
        new(new HubError(ClientErrorCodes.QueueFull, "Too many events wait to be published; this one was not taken.", Retryable: true));

    internal static HubClientException TooLarge(int bytes, int allowed) =>
        new(new HubError(ErrorCodes.PayloadTooLarge, $"The event has about {bytes} bytes, and no hub takes more than {allowed}. Send large content by URL."));

    internal static HubClientException OutcomeUnknown(Exception? inner = null) =>
        new(new HubError(ErrorCodes.OutcomeUnknown, "The connection was lost, or the time ran out, before the answer came."), inner);
}
