using HubService.Checker;
using HubService.Tests.Sqlite;

namespace HubService.Cluster.Tests.Checking;

/// <summary>The checker finds nothing in what is right, and everything in what is wrong.</summary>
public sealed class CheckerTests
{
    private const int Histories = 20;
    private const int Spoilt = 1000;

    [Fact]
    public void Sound_histories_give_no_findings()
    {
        for (int seed = 0; seed < Histories; seed++)
        {
            string[] findings = [.. Checks.Run(new History(GeneratedHistory.Make(seed))).Select(f => $"history {seed}: {f}")];
            Assert.True(findings.Length == 0, string.Join('\n', findings));
        }
    }

    [Fact]
    public void Sound_histories_hold_what_can_go_wrong()
    {
        List<HistoryRecord> all = [.. Enumerable.Range(0, Histories).SelectMany(GeneratedHistory.Make)];
        Assert.All(
            [
                all.OfType<Reset>().Count(), all.OfType<HistoryLost>().Count(), all.OfType<RolledBack>().Count(), all.OfType<Attach>().Count(a => a.FromSeq > 0),
                all.OfType<PubOk>().Count(o => o.Duplicate), all.OfType<PubFail>().Count(f => f.Outcome == "unknown"), all.OfType<PubFail>().Count(f => f.Outcome == "not_applied"),
            ],
            count => Assert.True(count > 20));
    }

    [Fact]
    public void Every_spoilt_history_is_found()
    {
        var random = new Random(7);
        List<HistoryRecord>[] sound = [.. Enumerable.Range(0, Histories).Select(GeneratedHistory.Make)];
        Dictionary<string, int> applied = [];
        HashSet<string> broken = [];
        List<string> missed = [];
        for (int n = 0; n < Spoilt;)
        {
            Mutation mutation = Mutation.All[random.Next(Mutation.All.Count)];
            int seed = random.Next(Histories);
            if (mutation.Apply(random, sound[seed]) is not { } spoilt)
            {
                continue;
            }

            n++;
            applied[mutation.Name] = applied.GetValueOrDefault(mutation.Name) + 1;
            HashSet<string> found = [.. Checks.Run(new History(spoilt)).Select(f => f.Invariant)];
            broken.UnionWith(found);
            if (!found.Overlaps(mutation.Breaks))
            {
                missed.Add($"history {seed}: {mutation.Name} (found {string.Join(' ', found)})");
            }
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"{Spoilt - missed.Count} of {Spoilt} found\n" + string.Join('\n', applied.OrderBy(a => a.Key).Select(a => $"{a.Value,4} {a.Key}")));
        Assert.True(missed.Count == 0, string.Join('\n', missed));
        Assert.Equal(Mutation.All.Count, applied.Count);
        Assert.Equal(Checks.All.Select(i => i.Name).Order(), broken.Order());
    }

    [Fact]
    public void A_history_stays_the_same_in_files()
    {
        using TempDirectory folder = new();
        List<HistoryRecord> records = GeneratedHistory.Make(1);
        HistoryFile.Write(folder.File("a.jsonl"), records.Take(500));
        HistoryFile.Write(folder.File("b.jsonl"), records.Skip(500));
        Assert.Equal(records.Select(HistoryFile.Line), HistoryFile.Read(folder.Path).Records.Select(HistoryFile.Line));
    }
}
