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
    private readonly Lock _gate = new();
    private int _calls;
    private TaskCompletionSource? _room;

    public bool TryTake(ReadOnlySpan<byte> message, out ValueTask room)
    {
        room = default;
        if (services.Drain.Started
            || HubTracing.IsRecorded
            || IsToBeShown()
            || ConnectionPrincipal.Find(connection.Features) is not { } caller
            || PublishCall.Read(message) is not { } call
            || LimitHubFilter.Take(connection.Features) is not null)
        {
            return false;
        }

        room = Begin();
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
            End();
        }
    }

    /// <summary>Counts a call that is under way; completes when there may be one more.</summary>
    private ValueTask Begin()
    {
        lock (_gate)
        {
            return ++_calls < Hubs.ParallelCalls ? default : new ValueTask((_room ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task);
        }
    }

    private void End()
    {
        TaskCompletionSource? room;
        lock (_gate)
        {
            _calls--;
            (room, _room) = (_room, null);
        }

        room?.TrySetResult();
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
