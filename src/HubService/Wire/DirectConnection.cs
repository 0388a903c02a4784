using System.IO.Pipelines;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Connections;
using Microsoft.AspNetCore.Http.Connections.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;

namespace HubService.Wire;

/// <summary>A request that becomes a WebSocket whose writes are direct: it stands in for the server's upgrade, and is the connection's feature by which its writer is found.</summary>
internal sealed class DirectConnection(IHttpUpgradeFeature upgrade, IFeatureCollection features, Gatherer gatherer, TimeSpan goodbye, TimeProvider time) : IHttpUpgradeFeature
{
    private readonly DirectInput _messages = new();

    /// <summary>Set by the hub's side, which may come before the upgrade or after it.</summary>
    private Func<IDirectCalls?>? _calls;

    /// <summary>Null unless this is one of our hubs': any other WebSocket, also that of an application's own hub, reads for itself.</summary>
    private DirectReader? _reader;

    public bool IsUpgradableRequest => upgrade.IsUpgradableRequest;

    /// <summary>Null until the upgrade.</summary>
    public DirectWriter? Writer { get; private set; }

    public async Task<Stream> UpgradeAsync()
    {
        bool isHub = features.Get<IEndpointFeature>()?.Endpoint?.Metadata.GetMetadata<AttachedMetadata>() is not null;
        PipeReader? received = features.Get<IConnectionTransportFeature>()?.Transport.Input;
        Socket? socket = IsBare && !SpokeTooEarly(received) ? features.Get<IConnectionSocketFeature>()?.Socket : null;
        Stream upgraded = await upgrade.UpgradeAsync();
        IConnectionLifetimeFeature? connection = features.Get<IConnectionLifetimeFeature>();
        PipeReader? input = isHub ? received ?? PipeReader.Create(upgraded, new StreamPipeReaderOptions(leaveOpen: true)) : null;
        Writer = new DirectWriter(upgraded, socket, gatherer, time, connection?.ConnectionClosed ?? default);
        if (input is not null)
        {
            _reader = new DirectReader(_messages, () => _calls?.Invoke());
            _reader.Start(input);
        }

        return new DirectStream(upgraded, Writer, _reader, goodbye, time, connection);
    }

    /// <summary>A client that does not wait for the answer to its upgrade may be answered before that has left: not straight to the socket, then.</summary>
    /// <param name="received">What came behind the request; asked before the upgrade, since right after it a quick client may rightly have spoken.</param>
    private static bool SpokeTooEarly(PipeReader? received)
    {
        if (received is null || !received.TryRead(out ReadResult read))
        {
            return false;
        }

        received.AdvanceTo(read.Buffer.Start);
        return !read.Buffer.IsEmpty;
    }

    /// <summary>Does nothing (TLS, or whatever else an application puts there) change the bytes between the server and the socket?</summary>
    private bool IsBare => features.Get<IConnectionTransportFeature>()?.Transport.GetType().Assembly == typeof(SocketTransportOptions).Assembly;

    /// <summary>Puts the direct input and output in the place of the connection's own.</summary>
    public void Attach(ConnectionContext connection, Func<ConnectionContext, IDirectCalls> callsOf)
    {
        // A request may ask for an upgrade and get something else, as where a proxy asks for one whatever the client wants.
        if (connection.Features.Get<ITransferFormatFeature>() is { } format && connection.Features.Get<IHttpTransportFeature>()?.TransportType == HttpTransportType.WebSockets)
        {
            connection.Features.Set(this);
            IDirectCalls calls = callsOf(connection);
            _calls = () => format.ActiveFormat == TransferFormat.Text ? calls : null;
            IDuplexPipe own = connection.Transport;
            connection.Transport = new Pipes(_messages, new DirectOutput(this, format, own.Output));
            _ = EndWithAsync(own.Input);
        }
    }

    /// <summary>The request is over. Completes when the server may have its pipe back.</summary>
    public Task EndAsync()
    {
        _reader?.End();
        return _reader?.Finished ?? Task.CompletedTask;
    }

    /// <summary>Nothing comes by the connection's own pipe but the end of its transport; and that the hub reads no more is told to the transport there.</summary>
    private async Task EndWithAsync(PipeReader own)
    {
        _messages.Left = own.CancelPendingRead;
        try
        {
            await own.ReadAsync();
        }
        catch (Exception)
        {
            // An end is an end, also of a transport that failed.
        }

        await own.CompleteAsync();
        _messages.End();
    }

    /// <summary>Marks the endpoints whose connections are attached.</summary>
    public sealed class AttachedMetadata;

    private sealed class Pipes(PipeReader input, PipeWriter output) : IDuplexPipe
    {
        public PipeReader Input => input;

        public PipeWriter Output => output;
    }
}
