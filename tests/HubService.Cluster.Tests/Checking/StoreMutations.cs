using HubService.Checker;
using static HubService.Cluster.Tests.Checking.Mutation;

namespace HubService.Cluster.Tests.Checking;

/// <summary>What the store held in the end, spoilt.</summary>
internal static class StoreMutations
{
    public static IReadOnlyList<Mutation> All { get; } =
    [
        new("the store lost an event", ["I2"], (random, records) => Remove(records, Pick<Entry>(random, records))),
        new("the store lost its end", ["I2"], (random, records) => Remove(records, Pick<Entry>(random, records, e => e.Seq == records.OfType<Dump>().Single(d => d.Key == e.Key).Top))),
        new("the store altered an event", ["I11"], (random, records) => Pick<Entry>(random, records) is { } e ? Replace(records, e, () => e with { Hash = "altered" }) : null),
        new("the store holds an event under another id", ["I11"], (random, records) => Pick<Entry>(random, records) is { } e ? Replace(records, e, () => e with { EventId = e.EventId + "x" }) : null),
        new("the store swapped two events", ["I1", "I4"], (random, records) => Pick<Entry>(random, records, e => Acked(records, e)) is { } a && Pick<Entry>(random, records, e => e.Key == a.Key && e.Seq != a.Seq) is { } b
            ? Replace(Replace(records, a, () => a with { EventId = b.EventId, Hash = b.Hash })!, b, () => b with { EventId = a.EventId, Hash = a.Hash }) : null),
        new("the store holds an event twice", ["I6"], (random, records) => Pick<Dump>(random, records) is { } d && Pick<Entry>(random, records, e => e.Key == d.Key) is { } e
            ? [.. Replace(records, d, () => d with { Top = d.Top + 1 })!, e with { Seq = d.Top + 1 }] : null),
        new("the store kept a tail that nobody was given", ["I13"], (random, records) => Pick<Dump>(random, records, d => records.OfType<Recv>().Any(r => r.Key == d.Key && Next(records, r) is null)) is { } d
            ? Replace(records, d, () => d with { Top = d.Top + 1 }) : null),
        new("the store kept more than it may", ["I14"], (random, records) => Pick<Dump>(random, records) is { } d
            ? [.. records, .. Enumerable.Range(1, GeneratedHistory.MaxEvents + 101).Select(i => new Entry("dump", d.Tenant, d.Stream, -i, $"old{i}", $"hold{i}", d.Now) { At = d.At + 1 })] : null),
        new("the store kept what is too old", ["I14"], (random, records) => Pick<Entry>(random, records) is { } e ? Replace(records, e, () => e with { Ts = e.Ts - GeneratedHistory.MaxAgeMs - 2000 }) : null),
        new("a fork lies lower than it was said to", ["I4", "I10"], (random, records) => Pick<Dump>(random, records, d => d.Forks.Count > 0 && records.OfType<PubOk>().Any(o => o.Key == d.Key && o.Epoch == d.Forks[^1].Epoch && o.Seq == d.Forks[^1].Base)) is { } d
            && Rollbacks(records, d) ? Replace(records, d, () => d with { Forks = [.. d.Forks.SkipLast(1), d.Forks[^1] with { Base = d.Forks[^1].Base - 1 }] }) : null),
        new("an epoch returned", ["I10"], (random, records) => Pick<Dump>(random, records, d => d.Forks.Count > 0) is { } d ? Replace(records, d, () => d with { Forks = [.. d.Forks, d.Forks[0] with { Base = d.Top }] }) : null),
    ];

    private static bool Acked(List<HistoryRecord> records, Entry entry) => records.OfType<PubOk>().Any(o => o.Key == entry.Key && o.Seq == entry.Seq && IsKept(records, o, o.Epoch, o.Seq));

    /// <summary>Nobody was told of so low a fork.</summary>
    private static bool Rollbacks(List<HistoryRecord> records, Dump dump) =>
        !records.OfType<RolledBack>().Any(r => r.Key == dump.Key && r.LastValid < dump.Forks[^1].Base && r.Epoch == dump.Epoch);
}
