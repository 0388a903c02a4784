using HubService.Checker;
using static HubService.Cluster.Tests.Checking.Mutation;

namespace HubService.Cluster.Tests.Checking;

/// <summary>What a publisher sent or was answered, spoilt.</summary>
internal static class AnswerMutations
{
    public static IReadOnlyList<Mutation> All { get; } =
    [
        new("what was kept is answered not_applied", ["I5"], (random, records) => Single(random, records) is { } ok
            ? Replace(records, ok, () => new PubFail(ok.Who, ok.Tenant, ok.Stream, ok.EventId, "store_unavailable", "not_applied") { At = ok.At }) : null),
        new("an event is acknowledged at another seq", ["I1", "I4"], (random, records) => Pick<PubOk>(random, records, o => IsKept(records, o, o.Epoch, o.Seq) && Stands(records, o, o.Seq)) is { } ok
            ? Replace(records, ok, () => ok with { Seq = ok.Seq + (Stands(records, ok, ok.Seq + 1) ? 1 : 1000) }) : null),
        new("an event is acknowledged again at another seq", ["I6"], (random, records) => Pick<PubOk>(random, records) is { } ok
            ? [.. records, ok with { At = ok.At + 1, Seq = ok.Seq + 1, Duplicate = true }] : null),
        new("a retry is acknowledged as new", ["I6"], (random, records) => Pick<PubOk>(random, records, o => o.Duplicate && records.OfType<PubOk>().Any(x => !x.Duplicate && x.EventId == o.EventId && x.Seq == o.Seq && x.Epoch == o.Epoch)) is { } ok
            ? Replace(records, ok, () => ok with { Duplicate = false })
            : Pick<PubOk>(random, records, o => !o.Duplicate) is { } fresh ? [.. records, fresh with { At = fresh.At + 1 }] : null),
        new("an acknowledged event is of no life of the stream", ["I4"], (random, records) => Pick<PubOk>(random, records, o => IsKept(records, o, o.Epoch, o.Seq)) is { } ok
            ? Replace(records, ok, () => ok with { Epoch = "elsewhere" }) : null),
        new("a publisher is not told of a rollback", ["I4"], (random, records) => Pick<RolledBack>(random, records) is { } told ? Silence(records, told) : null),
        new("an event stands before one that was answered before it was sent", ["I7"], Late),
        new("a publisher's events change places", ["I8"], Overtake),
        new("what a subscriber saw was never sent", ["I11"], (random, records) => Pick<Recv>(random, records) is { } r ? [.. records.Where(x => x is not PubInvoke i || i.EventId != r.EventId)] : null),
    ];

    /// <summary>An answer to an event that was sent once and is in the store.</summary>
    private static PubOk? Single(Random random, List<HistoryRecord> records) =>
        Pick<PubOk>(random, records, o => records.OfType<PubInvoke>().Count(i => i.EventId == o.EventId) == 1 && IsKept(records, o, o.Epoch, o.Seq) && Stands(records, o, o.Seq));

    private static bool Stands(List<HistoryRecord> records, PubOk ok, long seq) => records.OfType<Entry>().Any(e => e.Key == ok.Key && e.Seq == seq);

    /// <summary>Also the later words to the same publisher, which would cover for this one.</summary>
    private static List<HistoryRecord> Silence(List<HistoryRecord> records, RolledBack told) =>
        [.. records.Where(r => r is not RolledBack x || x.Who != told.Who || x.Key != told.Key || x.At < told.At)];

    private static List<HistoryRecord>? Late(Random random, List<HistoryRecord> records)
    {
        if (Single(random, records) is not { } early || Pick<PubOk>(random, records, o => o.Key == early.Key && o.Seq > early.Seq && IsKept(records, o, o.Epoch, o.Seq)) is not { } later)
        {
            return null;
        }

        long at = Math.Max(early.At, later.At) + 1;
        PubInvoke sent = records.OfType<PubInvoke>().Single(i => i.EventId == early.EventId);
        return Replace(records, sent, () => sent with { At = at });
    }

    private static List<HistoryRecord>? Overtake(Random random, List<HistoryRecord> records)
    {
        if (Single(random, records) is not { } first
            || Pick<PubOk>(random, records, o => o.Who == first.Who && o.Key == first.Key && o.Seq > first.Seq && IsKept(records, o, o.Epoch, o.Seq) && records.OfType<PubInvoke>().Count(i => i.EventId == o.EventId) == 1) is not { } second)
        {
            return null;
        }

        PubInvoke one = records.OfType<PubInvoke>().Single(i => i.EventId == first.EventId), other = records.OfType<PubInvoke>().Single(i => i.EventId == second.EventId);
        return Replace(Replace(records, one, () => one with { At = other.At })!, other, () => other with { At = one.At });
    }
}
