using HubService.Contracts;

namespace HubService.Client;

/// <summary>Codes that only a client gives; the hub's own are <see cref="ErrorCodes"/>.</summary>
public static class ClientErrorCodes
{
    /// <summary>There was no connection in time. Nothing was sent; retryable.</summary>
    public const string NotConnected = "not_connected";
}

/// <summary>A request failed; <see cref="Error"/> is what the hub answered, or <c>not_connected</c> / <c>outcome_unknown</c> from this side.</summary>
public sealed class HubClientException(HubError error, Exception? innerException = null)
    : Exception($"{error.Code}: {error.Message}", innerException)
{
    public HubError Error { get; } = error;

    public string Code => Error.Code;

    /// <summary>True when the same request may succeed later.</summary>
    public bool Retryable => Error.Retryable;

    internal static HubClientException NotConnected(Exception? inner = null) =>
        new(new HubError(ClientErrorCodes.NotConnected, "There is no connection to the hub; nothing was sent.", Retryable: true), inner);

    internal static HubClientException OutcomeUnknown(Exception? inner = null) =>
        new(new HubError(ErrorCodes.OutcomeUnknown, "The connection was lost, or the time ran out, before the answer came."), inner);
}
