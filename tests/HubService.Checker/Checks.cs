using HubService.Checker.Invariants;

namespace HubService.Checker;

/// <summary>All that must hold of a history.</summary>
internal static class Checks
{
    public static IReadOnlyList<Invariant> All { get; } =
    [
        new Agreement(), new NoGap(), new NoDuplicate(), new AckedIsKept(), new FailedIsHonest(), new Idempotent(), new LinearizableAppend(),
        new PublisherOrder(), new ReadYourWrites(), new EpochRules(), new NothingInvented(), new Isolation(), new Completeness(), new Retention(),
    ];

    public static IReadOnlyList<Finding> Run(History history) => [.. All.SelectMany(i => i.Check(history))];
}
