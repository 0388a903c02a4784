using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;

namespace HubService.Wire;

/// <summary>A request that becomes a WebSocket whose writes are direct: it stands in for the server's upgrade, and is the connection's feature by which its writer is found.</summary>
internal sealed class DirectConnection(IHttpUpgradeFeature upgrade, IFeatureCollection features, Gatherer gatherer, TimeSpan goodbye, TimeProvider time) : IHttpUpgradeFeature
{
    public bool IsUpgradableRequest => upgrade.IsUpgradableRequest;

    /// <summary>Null until the upgrade.</summary>
    public DirectWriter? Writer { get; private set; }

    public async Task<Stream> UpgradeAsync()
    {
        Stream upgraded = await upgrade.UpgradeAsync();
        IConnectionLifetimeFeature? connection = features.Get<IConnectionLifetimeFeature>();
        Writer = new DirectWriter(upgraded, IsBare ? features.Get<IConnectionSocketFeature>()?.Socket : null, gatherer, time, connection?.ConnectionClosed ?? default);
        return new DirectStream(upgraded, Writer, goodbye, time, () => connection?.Abort());
    }

    /// <summary>Does nothing (TLS, or whatever else an application puts there) change the bytes between the server and the socket?</summary>
    private bool IsBare => features.Get<IConnectionTransportFeature>()?.Transport.GetType().Assembly == typeof(SocketTransportOptions).Assembly;

    /// <summary>Puts the direct output in the place of the connection's own.</summary>
    public void Attach(ConnectionContext connection)
    {
        if (connection.Features.Get<ITransferFormatFeature>() is { } format)
        {
            connection.Features.Set(this);
            connection.Transport = new Pipes(connection.Transport.Input, new DirectOutput(this, format, connection.Transport.Output));
        }
    }

    private sealed class Pipes(PipeReader input, PipeWriter output) : IDuplexPipe
    {
        public PipeReader Input => input;

        public PipeWriter Output => output;
    }
}
