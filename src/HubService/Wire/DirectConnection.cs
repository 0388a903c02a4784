using System.IO.Pipelines;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;

namespace HubService.Wire;

/// <summary>A request that becomes a WebSocket whose writes are direct: it stands in for the server's upgrade.</summary>
internal sealed class DirectConnection(IHttpUpgradeFeature upgrade, IFeatureCollection features, Gatherer gatherer, TimeProvider time) : IHttpUpgradeFeature
{
    public bool IsUpgradableRequest => upgrade.IsUpgradableRequest;

    /// <summary>Null until the upgrade.</summary>
    public DirectWriter? Writer { get; private set; }

    public async Task<Stream> UpgradeAsync()
    {
        Stream upgraded = await upgrade.UpgradeAsync();
        Socket? socket = features.Get<ITlsHandshakeFeature>() is null ? features.Get<IConnectionSocketFeature>()?.Socket : null;
        Writer = new DirectWriter(upgraded, socket, gatherer, time, features.Get<IConnectionLifetimeFeature>()?.ConnectionClosed ?? default);
        return new DirectStream(upgraded, Writer);
    }

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
