using System.IO.Pipelines;
using HubService.Delivery;
using HubService.Projects;
using HubService.Streams;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.SignalR;
using Microsoft.AspNetCore.SignalR.Protocol;
using Microsoft.Extensions.Logging.Abstractions;

namespace HubService.Benchmarks.Inner;

/// <summary>A subscriber whose connection takes whatever is written, at once.</summary>
internal sealed class SinkConnection
{
    private readonly Sink _sink = new();
    private readonly HubConnectionContext _hub;

    private SinkConnection(string id)
    {
        var transport = new DefaultConnectionContext(id) { Transport = new Ends(new Pipe().Reader, _sink) };
        transport.Features.Set<IConnectionLifetimeFeature>(transport);
        _hub = new HubConnectionContext(transport, new HubConnectionContextOptions(), NullLoggerFactory.Instance) { Protocol = new JsonHubProtocol() };
    }

    /// <summary>Bytes so far.</summary>
    public long Written => _sink.Written;

    /// <summary>Joins the stream as the hub's method does, from its head on.</summary>
    public static async Task<SinkConnection> SubscribeAsync(ServiceInProcess service, string id)
    {
        var connection = new SinkConnection(id);
        HubLifetimeManager<ProjectHub> manager = service.Get<HubLifetimeManager<ProjectHub>>();
        await manager.OnConnectedAsync(connection._hub);
        Subscriptions subscriptions = service.Get<Subscriptions>();
        Cursor cursor = (await subscriptions.JoinAsync(id, ServiceInProcess.Stream))!;
        LogHead head = await service.Log.HeadAsync(ServiceInProcess.Stream);
        cursor.Written = new HubService.Contracts.StreamPosition(head.Epoch, head.Seq);
        cursor.Outbox.Start(cursor);
        return connection;
    }

    private sealed record Ends(PipeReader Input, PipeWriter Output) : IDuplexPipe;

    /// <summary>Forgets what it is given.</summary>
    private sealed class Sink : PipeWriter
    {
        private readonly byte[] _buffer = new byte[64 * 1024];

        public long Written { get; private set; }

        public override void Advance(int bytes) => Written += bytes;

        public override void CancelPendingFlush()
        {
            // No flush is ever pending.
        }

        public override void Complete(Exception? exception = null)
        {
            // Nothing is held.
        }

        public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default) => new(new FlushResult(isCanceled: false, isCompleted: false));

        public override Memory<byte> GetMemory(int sizeHint = 0) => _buffer;

        public override Span<byte> GetSpan(int sizeHint = 0) => _buffer;
    }
}
