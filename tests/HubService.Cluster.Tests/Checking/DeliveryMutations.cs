using HubService.Checker;
using static HubService.Cluster.Tests.Checking.Mutation;

namespace HubService.Cluster.Tests.Checking;

/// <summary>What a subscriber got, spoilt.</summary>
internal static class DeliveryMutations
{
    public static IReadOnlyList<Mutation> All { get; } =
    [
        new("an event is dropped", ["I2"], (random, records) => Remove(records, Pick<Recv>(random, records, r => Next(records, r) is Recv))),
        new("an event comes twice", ["I3"], (random, records) => Pick<Recv>(random, records) is { } r ? [.. records, r] : null),
        new("two events are swapped", ["I2", "I3"], Swap),
        new("an event's content is altered", ["I1", "I11"], (random, records) => Pick<Recv>(random, records) is { } r ? Replace(records, r, () => r with { Hash = "altered" }) : null),
        new("an event comes under another id", ["I1"], (random, records) => Pick<Recv>(random, records, r => IsKept(records, r, r.Epoch, r.Seq) && records.OfType<Entry>().Any(e => e.Key == r.Key && e.Seq == r.Seq)) is { } r
            ? Replace(records, r, () => r with { EventId = r.EventId + "x" }) : null),
        new("an event comes under an epoch that never was", ["I10"], (random, records) => Pick<Recv>(random, records, r => Next(records, r) is Recv) is { } r ? Replace(records, r, () => r with { Epoch = "elsewhere" }) : null),
        new("another tenant's event comes", ["I12"], (random, records) => Pick<Recv>(random, records) is { } r && Pick<Recv>(random, records, o => o.Tenant != r.Tenant) is { } other
            ? Replace(records, r, () => r with { EventId = other.EventId, Hash = other.Hash }) : null),
        new("a subscriber is moved to another tenant", ["I11", "I12"], (random, records) => Pick<Recv>(random, records) is { } r
            ? [.. records.Select(x => x is StreamRecord s && s.Who == r.Who && s.Key == r.Key ? s with { Tenant = "t3" } : x)] : null),
        new("an event comes that nobody published", ["I11"], (random, records) => LastOfLive(random, records) is { } r
            ? [.. records, r with { Seq = r.Seq + 1, EventId = "nobody", Hash = "nothing" }] : null),
        new("the tail is dropped", ["I13"], (random, records) => LastOfLive(random, records) is { } r ? Remove(records, r) : null),
        new("a history_lost is dropped", ["I2"], (random, records) => Remove(records, Pick<HistoryLost>(random, records, h => Next(records, h) is Recv))),
        new("a history_lost tells too little", ["I2"], (random, records) => Pick<HistoryLost>(random, records, h => Next(records, h) is Recv) is { } h ? Replace(records, h, () => h with { To = h.To - 1 }) : null),
        new("a reset is dropped", ["I2", "I3", "I10", "I13"], (random, records) => Remove(records, Pick<Reset>(random, records, r => Next(records, r) is Recv))),
        new("a reset keeps too much", ["I10"], (random, records) => Pick<Reset>(random, records) is { } r ? Replace(records, r, () => r with { LastValid = r.LastValid + 1 }) : null),
        new("a client above the fork is told that nothing was missed", ["I10"], Deceived),
        new("a client resumes from what it never saw", ["I2"], (random, records) => Pick<Attach>(random, records, a => a.FromSeq > 0) is { } a ? Replace(records, a, () => a with { FromSeq = a.FromSeq + 5 }) : null),
        new("the head is too low", ["I9"], (random, records) => Behind(random, records) is { } b ? Replace(records, b.Answer, () => b.Answer with { Top = b.Acknowledged - 1 }) : null),
        new("the head is too high", ["I2", "I3"], (random, records) => Live(random, records) is { } a ? Replace(records, a, () => a with { Top = a.Top + 1 }) : null),
    ];

    private static List<HistoryRecord>? Swap(Random random, List<HistoryRecord> records)
    {
        if (Pick<Recv>(random, records, r => Next(records, r) is Recv) is not { } first)
        {
            return null;
        }

        var second = (Recv)Next(records, first)!;
        return Replace(Replace(records, first, () => second with { At = first.At })!, second, () => first with { At = second.At });
    }

    private static Recv? LastOfLive(Random random, List<HistoryRecord> records) => Pick<Recv>(random, records, r => Next(records, r) is null);

    /// <summary>The reset that followed an answer goes, and the answer says that there was no need of one.</summary>
    private static List<HistoryRecord>? Deceived(Random random, List<HistoryRecord> records) =>
        Pick<Attached>(random, records, a => !a.Recovered && Next(records, a) is Reset) is { } a ? Remove(Replace(records, a, () => a with { Recovered = true })!, Next(records, a)) : null;

    private static (Attached Answer, long Acknowledged)? Behind(Random random, List<HistoryRecord> records)
    {
        long Highest(Attached answer)
        {
            long asked = records.OfType<Attach>().Last(a => a.Who == answer.Who && a.Key == answer.Key && a.At < answer.At).At;
            return records.OfType<PubOk>().Where(o => o.Key == answer.Key && o.At < asked && o.Epoch == answer.Epoch).Select(o => o.Seq).DefaultIfEmpty(0).Max();
        }

        return Pick<Attached>(random, records, a => Highest(a) > 1) is { } answer ? (answer, Highest(answer)) : null;
    }

    /// <summary>An answer to a subscriber that wanted what comes from then on, and got some.</summary>
    private static Attached? Live(Random random, List<HistoryRecord> records) =>
        Pick<Attached>(random, records, a => Next(records, a) is Recv r && r.Seq == a.Top + 1 && records.OfType<Attach>().Last(x => x.Who == a.Who && x.Key == a.Key && x.At < a.At).From is null);
}
