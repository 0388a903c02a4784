using HubService.Contracts;
using HubService.Streams;
using StackExchange.Redis;

namespace HubService.Redis;

/// <summary>What a failure of Redis means, and how whoever wanted something of the log is told.</summary>
internal static class RedisFailure
{
    /// <summary>The server does not know the script by its digest; it is sent in full then.</summary>
    public static bool IsUnknownScript(RedisServerException e) => e.Message.StartsWith("NOSCRIPT", StringComparison.Ordinal);

    /// <summary>The server is a replica now: the primary is elsewhere.</summary>
    public static bool IsNotPrimary(string error) =>
        error.StartsWith("READONLY", StringComparison.Ordinal) || error.StartsWith("MASTERDOWN", StringComparison.Ordinal);

    /// <summary>True for what ends when Redis or the way to it is well again.</summary>
    public static bool IsTransient(Exception e) => e is RedisException or TimeoutException or ObjectDisposedException or LogException;

    /// <summary>False when the command certainly never left this node.</summary>
    public static bool IsSent(Exception e) =>
        e is not (RedisConnectionException { FailureType: ConnectionFailureType.UnableToResolvePhysicalConnection or ConnectionFailureType.UnableToConnect or ConnectionFailureType.Loading } or LogException or ObjectDisposedException);

    /// <summary>An error reply: nothing was applied.</summary>
    public static LogException ToLogException(string error, Exception? inner) =>
        error.StartsWith("OOM", StringComparison.Ordinal)
            ? new LogException(ErrorCodes.StoreFull, "The event store is full.", inner)
            : Unavailable(inner);

    public static LogException Unavailable(Exception? inner = null) => new(ErrorCodes.StoreUnavailable, "The event store cannot be reached now.", inner);

    public static LogException Unknown(Exception? inner = null) => new(ErrorCodes.OutcomeUnknown, "The event store did not answer in time; it may still keep what was sent.", inner);
}
