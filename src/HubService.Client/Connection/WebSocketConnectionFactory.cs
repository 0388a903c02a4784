using System.Net;
using System.Net.WebSockets;
using HubService.Contracts;
using Microsoft.AspNetCore.Connections;

namespace HubService.Client;

/// <summary>
/// Opens SignalR connections as plain WebSockets without negotiation, so that any node behind a load balancer will do.
/// Stands for <c>Microsoft.AspNetCore.Http.Connections.Client</c>.
/// </summary>
internal sealed class WebSocketConnectionFactory(Func<TokenReason, CancellationToken, ValueTask<string?>>? accessToken, TimeProvider time)
    : IConnectionFactory
{
    /// <summary>An attempt that takes longer counts as failed, e.g. where packets vanish.</summary>
    private static readonly TimeSpan AttemptLimit = TimeSpan.FromSeconds(15);

    private volatile bool _rejected;

    /// <exception cref="HubClientException"><c>unauthorized</c> or <c>forbidden</c>: the hub refused a token that was fetched anew after a refusal, or there is none to fetch.</exception>
    public async ValueTask<ConnectionContext> ConnectAsync(EndPoint endpoint, CancellationToken cancellationToken = default)
    {
        TokenReason reason = _rejected ? TokenReason.Rejected : TokenReason.Connect;

        // It may take a person a while, but not the client's disposal.
        string? token = accessToken is null ? null : await accessToken(reason, cancellationToken).AsTask().WaitAsync(cancellationToken);
        using CancellationTokenSource timeout = new(AttemptLimit, time);
        using CancellationTokenSource linked = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        ClientWebSocket socket = new();
        try
        {
            socket.Options.KeepAliveInterval = TimeSpan.FromSeconds(15);
            socket.Options.KeepAliveTimeout = TimeSpan.FromSeconds(15);
            socket.Options.CollectHttpResponseDetails = true;
            if (token is not null)
            {
                socket.Options.SetRequestHeader("Authorization", $"Bearer {token}");
            }

            await socket.ConnectAsync(((UriEndPoint)endpoint).Uri, linked.Token);
            _rejected = false;
            return new WebSocketConnection(socket, time);
        }
        catch (Exception e)
        {
            HttpStatusCode status = socket.HttpStatusCode;
            socket.Dispose();
            _rejected = status is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden;
            if (_rejected && (accessToken is null || reason == TokenReason.Rejected))
            {
                throw Refused(status, e);
            }

            if (timeout.IsCancellationRequested)
            {
                throw new TimeoutException("The hub did not answer in time.", e);
            }

            throw;
        }
    }

    private static HubClientException Refused(HttpStatusCode status, Exception inner) => new(
        new HubError(status == HttpStatusCode.Unauthorized ? ErrorCodes.Unauthorized : ErrorCodes.Forbidden, $"The hub does not let this client in (HTTP {(int)status})."),
        inner);
}
