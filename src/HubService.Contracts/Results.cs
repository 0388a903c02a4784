using System.Text.Json;

namespace HubService.Contracts;

// The lists below set themselves to empty: generated deserialisers assign every init property, an absent one with null.

/// <summary>Every answer of a hub method: an error, or what the method returns.</summary>
public record HubResult
{
    /// <summary>Absent when the request was accepted.</summary>
    public HubError? Error { get; init; }
}

/// <summary>What became of one published event.</summary>
public sealed record PublishResult : HubResult
{
    public long? Seq { get; init; }

    public string? Epoch { get; init; }

    public string? EventId { get; init; }

    /// <summary>True when an event with this id was accepted before; <see cref="Seq"/> is the original one.</summary>
    public bool Duplicate { get; init; }
}

/// <summary>The answer to a publish: one result per event, in order; <see cref="HubResult.Error"/> when the whole call was refused.</summary>
public sealed record PublishResults : HubResult
{
    public IReadOnlyList<PublishResult> Results { get; init => field = value ?? []; } = [];
}

/// <summary>The answer to Subscribe. The missed events arrive after it and before any newer one.</summary>
public sealed record SubscribeResult : HubResult
{
    public string? Epoch { get; init; }

    /// <summary>The stream's newest seq when the subscription began.</summary>
    public long? Seq { get; init; }

    /// <summary>True when every event since the asked position follows; false when a <c>history_lost</c> or <c>reset</c> comes first.</summary>
    public bool? Recovered { get; init; }

    /// <summary>How many missed events will be replayed.</summary>
    public long? Replayed { get; init; }
}

/// <summary>The answer of methods that only accept.</summary>
public sealed record Accepted : HubResult
{
    public bool? Duplicate { get; init; }

    public long? Seq { get; init; }
}

/// <summary>The answer to Ping: unix milliseconds.</summary>
public sealed record Pong : HubResult
{
    public long Ts { get; init; }

    public long ServerTs { get; init; }

    public string? Node { get; init; }
}

/// <summary>The answer to RefreshToken.</summary>
public sealed record TokenRefreshed : HubResult
{
    public DateTimeOffset? ExpiresAt { get; init; }
}

/// <summary>The answer to Heartbeat.</summary>
public sealed record LeaseResult : HubResult
{
    public DateTimeOffset? LeaseUntil { get; init; }
}

/// <summary>Who follows a stream now, over all nodes that answer within 2 s.</summary>
public sealed record PresenceResult : HubResult
{
    /// <summary>In the order of their ids; whoever follows, whatever the role.</summary>
    public IReadOnlyList<PresentUser> Users { get; init => field = value ?? []; } = [];
}

/// <summary>Somebody who follows a stream.</summary>
/// <param name="UserId">The subject of the token.</param>
/// <param name="Connections">How many connections with a subscription to the stream, or responses of server-sent events.</param>
public sealed record PresentUser(string UserId, int Connections);

/// <summary>A page of a stream in order.</summary>
public sealed record EventPage : HubResult
{
    public IReadOnlyList<JsonElement> Events { get; init => field = value ?? []; } = [];

    public string? Epoch { get; init; }

    /// <summary>The newest seq of the stream.</summary>
    public long? Head { get; init; }

    /// <summary>Set when events between were lost to retention.</summary>
    public HistoryLost? HistoryLost { get; init; }

    /// <summary>Set when the asked position belongs to another life of the stream.</summary>
    public StreamReset? Reset { get; init; }

    /// <summary>Ask for the next page after this position; null when the page reaches the head.</summary>
    public StreamPosition? Next { get; init; }
}
