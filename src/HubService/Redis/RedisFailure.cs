using HubService.Contracts;
using HubService.Streams;
using StackExchange.Redis;

namespace HubService.Redis;

/// <summary>What an error reply of Redis means to whoever wanted something of the log. Every one of them says that nothing was applied.</summary>
internal static class RedisFailure
{
    /// <summary>The server does not know the script by its digest; it is sent in full then.</summary>
    public static bool IsUnknownScript(RedisServerException e) => e.Message.StartsWith("NOSCRIPT", StringComparison.Ordinal);

    /// <summary>The server is a replica now: the primary is elsewhere.</summary>
    public static bool IsNotPrimary(RedisServerException e) =>
        e.Message.StartsWith("READONLY", StringComparison.Ordinal) || e.Message.StartsWith("MASTERDOWN", StringComparison.Ordinal);

    public static LogException ToLogException(RedisServerException e) =>
        e.Message.StartsWith("OOM", StringComparison.Ordinal)
            ? new LogException(ErrorCodes.StoreFull, "The event store is full.", e)
            : Unavailable(e);

    public static LogException Unavailable(Exception? inner = null) => new(ErrorCodes.StoreUnavailable, "The event store cannot be reached now.", inner);

    public static LogException Unknown(Exception? inner = null) => new(ErrorCodes.OutcomeUnknown, "The event store did not answer in time; it may still keep what was sent.", inner);
}
