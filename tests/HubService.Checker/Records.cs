using System.Text.Json.Serialization;

namespace HubService.Checker;

/// <summary>One thing that happened in a scenario; one line of a history.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(Run), "run")]
[JsonDerivedType(typeof(PubInvoke), "pub_invoke")]
[JsonDerivedType(typeof(PubOk), "pub_ok")]
[JsonDerivedType(typeof(PubFail), "pub_fail")]
[JsonDerivedType(typeof(RolledBack), "rolled_back")]
[JsonDerivedType(typeof(Attach), "attach")]
[JsonDerivedType(typeof(Attached), "attached")]
[JsonDerivedType(typeof(Recv), "recv")]
[JsonDerivedType(typeof(HistoryLost), "history_lost")]
[JsonDerivedType(typeof(Reset), "reset")]
[JsonDerivedType(typeof(Detach), "detach")]
[JsonDerivedType(typeof(Dump), "dump")]
[JsonDerivedType(typeof(Entry), "entry")]
internal abstract record HistoryRecord
{
    /// <summary>Microseconds of the host's monotonic clock; rises strictly within a file.</summary>
    public long At { get; init; }
}

/// <summary>What the scenario may do to the store, and what the store was told to keep.</summary>
/// <param name="Rollback">True when acknowledged events may be lost, e.g. by a failover to a replica that lags.</param>
/// <param name="MaxEvents">Retention by count; 0 when the scenario sets none.</param>
/// <param name="MaxAgeMs">Retention by age; 0 when the scenario sets none.</param>
internal sealed record Run(bool Rollback, int MaxEvents = 0, long MaxAgeMs = 0) : HistoryRecord;

/// <param name="Who">A publisher or a subscriber; it keeps its name across connections.</param>
/// <param name="Tenant">That of the token it used.</param>
internal abstract record StreamRecord(string Who, string Tenant, string Stream) : HistoryRecord
{
    /// <summary>Names a stream of one tenant.</summary>
    [JsonIgnore]
    public string Key => $"{Tenant}/{Stream}";
}

/// <summary>A publisher is about to send an event, for the first time or again.</summary>
/// <param name="Via"><c>signalr</c>, or <c>http</c>, over which nobody can be told of a rollback.</param>
internal sealed record PubInvoke(string Who, string Tenant, string Stream, string EventId, string Hash, string Via = "signalr") : StreamRecord(Who, Tenant, Stream);

internal sealed record PubOk(string Who, string Tenant, string Stream, string EventId, string Epoch, long Seq, bool Duplicate) : StreamRecord(Who, Tenant, Stream);

/// <param name="Outcome"><c>not_applied</c> or <c>unknown</c>.</param>
internal sealed record PubFail(string Who, string Tenant, string Stream, string EventId, string Code, string Outcome) : StreamRecord(Who, Tenant, Stream);

/// <summary>A publisher is told that what it published above a seq is gone.</summary>
internal sealed record RolledBack(string Who, string Tenant, string Stream, string Epoch, long LastValid) : StreamRecord(Who, Tenant, Stream);

/// <summary>A subscriber is about to ask for a stream, from a position or from now on.</summary>
internal sealed record Attach(string Who, string Tenant, string Stream, string? FromEpoch, long FromSeq) : StreamRecord(Who, Tenant, Stream)
{
    [JsonIgnore]
    public Position? From => FromEpoch is null ? null : new Position(FromEpoch, FromSeq);
}

/// <summary>The answer to the latest <see cref="Attach"/>.</summary>
internal sealed record Attached(string Who, string Tenant, string Stream, string Epoch, long Top, bool Recovered) : StreamRecord(Who, Tenant, Stream);

internal sealed record Recv(string Who, string Tenant, string Stream, string Epoch, long Seq, string EventId, string Hash) : StreamRecord(Who, Tenant, Stream);

internal sealed record HistoryLost(string Who, string Tenant, string Stream, long From, long To) : StreamRecord(Who, Tenant, Stream);

internal sealed record Reset(string Who, string Tenant, string Stream, string Epoch, long LastValid) : StreamRecord(Who, Tenant, Stream);

/// <summary>The subscriber's connection is over, or its request was refused.</summary>
internal sealed record Detach(string Who, string Tenant, string Stream) : StreamRecord(Who, Tenant, Stream);

/// <summary>The store at the end.</summary>
/// <param name="Lowest">The oldest seq kept; top + 1 when none is.</param>
/// <param name="Now">Unix milliseconds of the store's clock, to judge the age of its entries by.</param>
/// <param name="Forks">Earlier epochs, oldest first, each with the last seq of it that the next one kept.</param>
internal sealed record Dump(string Who, string Tenant, string Stream, string Epoch, long Lowest, long Top, long Now, IReadOnlyList<Fork> Forks) : StreamRecord(Who, Tenant, Stream);

internal sealed record Fork(string Epoch, long Base);

internal sealed record Entry(string Who, string Tenant, string Stream, long Seq, string EventId, string Hash, long Ts) : StreamRecord(Who, Tenant, Stream);

/// <summary>Everything up to and including a seq of an epoch; the empty epoch is before the first event of any.</summary>
internal readonly record struct Position(string Epoch, long Seq)
{
    public override string ToString() => $"{Epoch}:{Seq}";
}
