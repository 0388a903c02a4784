using System.Net;
using System.Net.WebSockets;
using Microsoft.AspNetCore.Connections;

namespace HubService.Client;

/// <summary>
/// Opens SignalR connections as plain WebSockets without negotiation, so that any node behind a load balancer will do.
/// Stands for <c>Microsoft.AspNetCore.Http.Connections.Client</c>.
/// </summary>
internal sealed class WebSocketConnectionFactory(Func<TokenReason, CancellationToken, ValueTask<string?>>? accessToken, TimeProvider time)
    : IConnectionFactory
{
    private volatile bool _rejected;

    public async ValueTask<ConnectionContext> ConnectAsync(EndPoint endpoint, CancellationToken cancellationToken = default)
    {
        TokenReason reason = _rejected ? TokenReason.Rejected : TokenReason.Connect;
        string? token = accessToken is null ? null : await accessToken(reason, cancellationToken);

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

            await socket.ConnectAsync(((UriEndPoint)endpoint).Uri, cancellationToken);
            _rejected = false;
            return new WebSocketConnection(socket, time);
        }
        catch
        {
            _rejected = socket.HttpStatusCode is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden;
            socket.Dispose();
            throw;
        }
    }
}
