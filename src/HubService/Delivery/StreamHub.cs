using HubService.Access;
using HubService.Cluster;
using HubService.Contracts;
using HubService.Streams;
using Microsoft.AspNetCore.SignalR;

namespace HubService.Delivery;

/// <summary>What both hubs do alike: know their caller, join and leave streams, page through them, ping, take a new token.</summary>
internal abstract class StreamHub<TClient> : Hub<TClient>
    where TClient : class
{
    private readonly StreamHubServices _services;

    private protected StreamHub(StreamHubServices services) => _services = services;

    private protected Principal Caller => ConnectionPrincipal.Of(Context.Features);

    public Task<Pong> Ping(long ts) => Task.FromResult(new Pong { Ts = ts, ServerTs = _services.Time.GetUtcNow().ToUnixTimeMilliseconds(), Node = _services.Node.Name });

    /// <summary>Replaces the token of this connection. Subject, tenant and realms must stay the same.</summary>
    public async Task<TokenRefreshed> RefreshToken(string token)
    {
        TokenResult validated = await _services.Tokens.ValidateAsync(token ?? "", Context.ConnectionAborted);
        if (validated.Principal is not { } fresh)
        {
            return new TokenRefreshed { Error = validated.Error };
        }

        Principal current = Caller;
        if (fresh.Tenant != current.Tenant || fresh.Subject != current.Subject || !fresh.Realms.ToHashSet().SetEquals(current.Realms))
        {
            return new TokenRefreshed { Error = new HubError(ErrorCodes.Forbidden, "A new token may not change subject, tenant or realm.") };
        }

        ConnectionPrincipal.Set(Context.Features, fresh);
        await _services.Access.RecheckOnceAsync(Context.ConnectionId);
        return new TokenRefreshed { ExpiresAt = fresh.ExpiresAt };
    }

    private protected StreamKey KeyOf(StreamId stream) => new(Caller.Tenant, stream);

    private protected ValueTask<HubError?> CheckAsync(Operation operation, StreamId stream) =>
        _services.Authorizer.CheckAsync(Caller, operation, stream, Context.ConnectionAborted);

    /// <summary>Joins the stream's group and starts the cursor behind the answer.</summary>
    private protected async Task<SubscribeResult> JoinAsync(
        StreamId stream,
        string? position,
        Func<LogHead, Task<IReadOnlyList<ReadOnlyMemory<byte>>>>? prelude = null)
    {
        StreamPosition? from = null;
        if (position is not null)
        {
            if (!StreamPosition.TryParse(position, out StreamPosition parsed))
            {
                return new SubscribeResult { Error = HubError.Invalid("position", "text of the form epoch:seq is expected.") };
            }

            from = parsed;
        }

        if (await CheckAsync(Operation.Read, stream) is { } error)
        {
            return new SubscribeResult { Error = error };
        }

        StreamKey key = KeyOf(stream);
        if (!_services.Subscriptions.HasRoom(Context.ConnectionId, key))
        {
            return new SubscribeResult { Error = new HubError(ErrorCodes.SubscriptionLimit, "This connection subscribes to as many streams as it may; unsubscribe from one first.") };
        }

        // As Groups.AddToGroupAsync does it, but each Subscribe starts the cursor that it joined with, whatever else is called meanwhile.
        if (await _services.Subscriptions.JoinAsync(Context.ConnectionId, key) is not { } cursor)
        {
            throw new OperationCanceledException(Context.ConnectionAborted);
        }

        return await _services.Subscriptions.StartAsync(cursor, from, async head =>
        {
            // Once more: what changed its access before it was a member was not told to it.
            return await CheckAsync(Operation.Read, stream) is { } revoked ? throw new HubRefusal(revoked)
                : prelude is null ? [] : await prelude(head);
        });
    }

    private protected async Task<Accepted> LeaveAsync(StreamId stream)
    {
        if (!Ids.IsValid(stream.Id))
        {
            return new Accepted { Error = HubError.InvalidId($"{stream.Kind}_id") };
        }

        await Groups.RemoveFromGroupAsync(Context.ConnectionId, KeyOf(stream).Group, Context.ConnectionAborted);
        return new Accepted();
    }

    private protected async Task<EventPage> PageAsync(StreamId stream, string? after, string? before, int? limit) =>
        await CheckAsync(Operation.Read, stream) is { } error
            ? new EventPage { Error = error }
            : await _services.Pages.ReadAsync(KeyOf(stream), after, before, limit, Context.ConnectionAborted);
}

/// <summary>What <see cref="StreamHub{TClient}"/> works with.</summary>
internal sealed record StreamHubServices(Subscriptions Subscriptions, StreamPages Pages, Authorizer Authorizer, AccessChanges Access, BearerTokens Tokens, NodeName Node, TimeProvider Time);
