using HubService.Contracts;

namespace HubService.Streams;

/// <summary>Bound from <c>Streams</c>.</summary>
internal sealed class StreamOptions
{
    /// <summary>Where streams are kept: <c>sqlite</c>, <c>memory</c>, or, for more than one node, <c>redis</c>.</summary>
    public string Store { get; set; } = "sqlite";

    /// <summary>How long a retried event_id is recognised.</summary>
    public TimeSpan IdempotencyWindow { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>Retention of a thread.</summary>
    public Retention Thread { get; set; } = new() { Events = 10_000, Age = TimeSpan.FromDays(7) };

    /// <summary>Retention of a project.</summary>
    public Retention Project { get; set; } = new() { Events = 100_000, Age = TimeSpan.FromDays(30) };

    /// <summary>Retention of a user's own stream.</summary>
    public Retention User { get; set; } = new() { Events = 10_000, Age = TimeSpan.FromDays(7) };

    /// <summary>How often old events are removed from the store.</summary>
    public TimeSpan TrimInterval { get; set; } = TimeSpan.FromSeconds(30);

    public Retention Of(string kind) => kind switch
    {
        StreamKind.Thread => Thread,
        StreamKind.Project => Project,
        _ => User,
    };
}

/// <summary>What a stream keeps: at most this many events, none older than this.</summary>
internal sealed class Retention
{
    /// <summary>At most this many events.</summary>
    public int Events { get; set; } = 10_000;

    /// <summary>None older than this.</summary>
    public TimeSpan Age { get; set; } = TimeSpan.FromDays(7);
}
