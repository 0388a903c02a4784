using HubService.Checker;

namespace HubService.Cluster.Tests.Checking;

/// <summary>A way to spoil a history so that it surely breaks an invariant.</summary>
/// <param name="Breaks">At least one of these must be found broken.</param>
/// <param name="Apply">The spoilt records; null when there is nothing in the history to do it to.</param>
internal sealed record Mutation(string Name, string[] Breaks, Func<Random, List<HistoryRecord>, List<HistoryRecord>?> Apply)
{
    public static IReadOnlyList<Mutation> All { get; } =
    [
        .. DeliveryMutations.All, .. AnswerMutations.All, .. StoreMutations.All,
    ];

    /// <summary>One of the records that meet a condition.</summary>
    public static T? Pick<T>(Random random, List<HistoryRecord> records, Func<T, bool>? condition = null)
        where T : HistoryRecord
    {
        T[] candidates = [.. records.OfType<T>()];
        random.Shuffle(candidates);
        return Array.Find(candidates, c => condition?.Invoke(c) is not false);
    }

    public static List<HistoryRecord>? Replace(List<HistoryRecord> records, HistoryRecord? old, Func<HistoryRecord> made) =>
        old is null ? null : [.. records.Select(r => ReferenceEquals(r, old) ? made() : r)];

    public static List<HistoryRecord>? Remove(List<HistoryRecord> records, HistoryRecord? old) =>
        old is null ? null : [.. records.Where(r => !ReferenceEquals(r, old))];

    /// <summary>What the same subscriber got next on the stream.</summary>
    public static StreamRecord? Next(List<HistoryRecord> records, StreamRecord of) =>
        records.OfType<StreamRecord>().FirstOrDefault(r => r.At > of.At && r.Who == of.Who && r.Key == of.Key);

    /// <summary>The life of the stream that the store holds in the end, in which nothing is forgiven.</summary>
    public static bool IsKept(List<HistoryRecord> records, StreamRecord of, string epoch, long seq) =>
        new Branches(records.OfType<Dump>().Single(d => d.Key == of.Key)).IsKept(epoch, seq);
}
