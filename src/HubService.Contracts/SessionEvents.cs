namespace HubService.Contracts;

/// <summary>What a connection is told about itself; belongs to no stream and takes no seq.</summary>
/// <param name="V">Always 1.</param>
/// <param name="Type">The snake_case name, e.g. <c>history_lost</c>.</param>
public sealed record SessionEvent<TPayload>(int V, string Type, string EventId, DateTimeOffset Timestamp, TPayload Payload);

/// <summary>The events <c>from..to</c> are gone by retention; the next event is <c>to + 1</c>.</summary>
public sealed record HistoryLost(string Stream, long From, long To);

/// <summary>
/// The stream lives on under another epoch; discard what you hold above <c>last_valid</c>. With an empty epoch the subscription
/// has ended, because the stream is no longer yours to read; Subscribe says more.
/// </summary>
public sealed record StreamReset(string Stream, string Epoch, long LastValid);

/// <summary>The node stops: reconnect within this time; the position stays valid.</summary>
public sealed record ServerDraining(int ReconnectWithinMs);

/// <summary>Call RefreshToken before this time, or the connection closes.</summary>
public sealed record TokenExpiring(DateTimeOffset ExpiresAt);

public sealed record SessionCreated(string SessionId, DateTimeOffset? ExpiresAt = null);

public sealed record SessionUpdated(string SessionId, DateTimeOffset? ExpiresAt = null);

public sealed record SessionExpired(string SessionId);

/// <summary>What both hubs may tell any connection.</summary>
public interface ISessionClient
{
    Task SessionCreated(SessionEvent<SessionCreated> e);

    Task SessionUpdated(SessionEvent<SessionUpdated> e);

    Task SessionExpired(SessionEvent<SessionExpired> e);

    Task TokenExpiring(SessionEvent<TokenExpiring> e);

    Task ServerDraining(SessionEvent<ServerDraining> e);

    Task HistoryLost(SessionEvent<HistoryLost> e);

    Task Reset(SessionEvent<StreamReset> e);
}
