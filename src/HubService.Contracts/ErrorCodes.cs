using System.Collections.Frozen;

namespace HubService.Contracts;

/// <summary>Every error code, one list for every surface.</summary>
public static class ErrorCodes
{
    public const string Unauthorized = "unauthorized";
    public const string Forbidden = "forbidden";

    /// <summary>Missing, or not yours: the answer is the same.</summary>
    public const string NotFound = "not_found";
    public const string InvalidJson = "invalid_json";

    /// <summary>A field is missing, of the wrong type or out of range; <c>details.field</c> names it.</summary>
    public const string InvalidMessage = "invalid_message";
    public const string UnknownType = "unknown_type";
    public const string InvalidRecipient = "invalid_recipient";
    public const string PayloadTooLarge = "payload_too_large";
    public const string NestingTooDeep = "nesting_too_deep";

    /// <summary><c>details.retry_after_ms</c> says when.</summary>
    public const string RateLimited = "rate_limited";
    public const string ConnectionLimit = "connection_limit";
    public const string SubscriptionLimit = "subscription_limit";
    public const string RunNotStarted = "run_not_started";
    public const string RunClosed = "run_closed";
    public const string ToolNotExecuting = "tool_not_executing";
    public const string RunConflict = "run_conflict";
    public const string InvalidStage = "invalid_stage";
    public const string StageConflict = "stage_conflict";
    public const string AgentNotAvailable = "agent_not_available";

    /// <summary>Nothing was written.</summary>
    public const string StoreUnavailable = "store_unavailable";

    /// <summary>Nothing was written; the disk or the memory limit is full.</summary>
    public const string StoreFull = "store_full";

    /// <summary>It may or may not have been written; retry with the same event_id.</summary>
    public const string OutcomeUnknown = "outcome_unknown";
    public const string Draining = "draining";
    public const string Internal = "internal";

    private static readonly FrozenDictionary<string, (int Status, bool Retryable)> Table = new Dictionary<string, (int, bool)>
    {
        [Unauthorized] = (401, false),
        [Forbidden] = (403, false),
        [NotFound] = (404, false),
        [InvalidJson] = (400, false),
        [InvalidMessage] = (422, false),
        [UnknownType] = (422, false),
        [InvalidRecipient] = (422, false),
        [PayloadTooLarge] = (413, false),
        [NestingTooDeep] = (400, false),
        [RateLimited] = (429, true),
        [ConnectionLimit] = (429, true),
        [SubscriptionLimit] = (429, false),
        [RunNotStarted] = (409, false),
        [RunClosed] = (409, false),
        [ToolNotExecuting] = (409, false),
        [RunConflict] = (409, false),
        [InvalidStage] = (422, false),
        [StageConflict] = (409, false),
        [AgentNotAvailable] = (503, true),
        [StoreUnavailable] = (503, true),
        [StoreFull] = (507, true),
        [OutcomeUnknown] = (503, true),
        [Draining] = (503, true),
        [Internal] = (500, true),
    }.ToFrozenDictionary();

    public static IEnumerable<string> All => Table.Keys;

    /// <summary>May the same request succeed later, unchanged?</summary>
    public static bool IsRetryable(string code) => Table.TryGetValue(code, out (int Status, bool Retryable) e) && e.Retryable;

    /// <summary>The HTTP status that carries this code.</summary>
    public static int HttpStatus(string code) => Table.TryGetValue(code, out (int Status, bool Retryable) e) ? e.Status : 500;
}
