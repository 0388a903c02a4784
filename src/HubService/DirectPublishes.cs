using HubService.Access;
using HubService.Cluster;
using HubService.Contracts;
using HubService.Contracts.Projects;
using HubService.Delivery;
using HubService.Limits;
using HubService.Publishing;
using HubService.Telemetry;
using HubService.Wire;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.SignalR.Protocol;

namespace HubService;

/// <summary>
/// The short way of what comes most often, a call of Publish: from one connection to the publisher without SignalR's dispatcher
/// and filters. It does what they would; whatever it does not know, it leaves to them.
/// </summary>
/// <param name="streamOf">The stream that the hub's Publish means by its first argument.</param>
internal sealed class DirectPublishes(ConnectionContext connection, Func<string, StreamId> streamOf, DirectPublishServices services) : IDirectCalls
{
    /// <summary>A call now and then goes the long way, so that SignalR sees that the client lives.</summary>
    private static readonly TimeSpan ShowEvery = TimeSpan.FromSeconds(5);

    private readonly string _self = services.Handles.Of(connection.ConnectionId);
    private long _shownAt = services.Time.GetTimestamp();
    private int _calls;

    /// <summary>What comes when too many are under way goes by SignalR, which waits as it does: it knows why it hears nothing of its client meanwhile.</summary>
    public bool TryTake(ReadOnlySpan<byte> message)
    {
        if (services.Drain.Started
            || Volatile.Read(ref _calls) >= Hubs.ParallelCalls
            || HubTracing.IsRecorded
            || IsToBeShown()
            || ConnectionPrincipal.Find(connection.Features) is not { } caller
            || PublishCall.Read(message) is not { } call
            || LimitHubFilter.Take(connection.Features) is not null)
        {
            return false;
        }

        Interlocked.Increment(ref _calls);
        _ = PublishAsync(caller.Principal, call);
        return true;
    }

    private async Task PublishAsync(Principal caller, PublishCall call)
    {
        try
        {
            PublishResults results;
            try
            {
                results = HubErrors.Traced(await services.Publisher.PublishAsync(caller, streamOf(call.StreamId), call.Events, _self), connection.ConnectionId);
            }
            catch (Exception e)
            {
                results = new PublishResults { Error = services.Errors.Of(e, nameof(IProjectHub.Publish), connection.ConnectionId) };
            }

            if (call.InvocationId is { } id && connection.Features.Get<DirectConnection>()?.Writer is { } writer)
            {
                await writer.WriteAsync(binary: false, services.Protocol.GetMessageBytes(CompletionMessage.WithResult(id, results)).Span, mayGather: false);
            }
        }
        finally
        {
            Interlocked.Decrement(ref _calls);
        }
    }

    private bool IsToBeShown()
    {
        long now = services.Time.GetTimestamp();
        if (services.Time.GetElapsedTime(_shownAt, now) < ShowEvery)
        {
            return false;
        }

        _shownAt = now;
        return true;
    }
}

/// <summary>What <see cref="DirectPublishes"/> works with.</summary>
internal sealed record DirectPublishServices(EventPublisher Publisher, Handles Handles, Drain Drain, HubErrors Errors, JsonHubProtocol Protocol, TimeProvider Time);
