using HubService.Contracts;

namespace HubService.Publishing;

/// <summary>What a command decided, looking at the projection: events to append, or why not.</summary>
internal sealed record Decision(IReadOnlyList<EventDraft> Events, HubError? Error = null, object? Answer = null)
{
    public static Decision Refuse(HubError error) => new([], error);

    public static Decision Refuse(string code, string message) => new([], new HubError(code, message));

    /// <summary>Appends nothing; the caller only wanted to look.</summary>
    public static Decision Look(object? answer) => new([], null, answer);

    public static Decision Append(params EventDraft[] events) => new(events);
}

/// <summary>What became of a decision.</summary>
/// <param name="Error">The decision's own refusal, or the log's failure.</param>
/// <param name="Answer">What the decision wanted to tell its caller.</param>
/// <param name="Results">One per decided event.</param>
internal sealed record Outcome(HubError? Error, object? Answer, IReadOnlyList<PublishResult> Results, string Epoch, long Head)
{
    /// <summary>Why not everything that was decided was appended: the decision's refusal, the log's failure, or the first event's.</summary>
    public HubError? Refusal => Error ?? Results.Select(static r => r.Error).FirstOrDefault(static e => e is not null);
}
