using HubService.Checker;

if (args is not [string folder] || !Directory.Exists(folder))
{
    Console.Error.WriteLine("Which history? Give a folder of *.jsonl files.");
    return 2;
}

History history = HistoryFile.Read(folder);
if (history.Records.Count == 0)
{
    Console.Error.WriteLine("The folder holds no history.");
    return 2;
}

int broken = 0;
foreach (Invariant invariant in Checks.All)
{
    IReadOnlyList<Finding> findings = [.. invariant.Check(history)];
    broken += findings.Count;
    Console.WriteLine($"{invariant.Name,-4}{(findings.Count == 0 ? "holds " : "BROKEN")}  {invariant.Sentence}");
    foreach (Finding finding in findings.Take(20))
    {
        Console.WriteLine($"      {finding}");
    }

    if (findings.Count > 20)
    {
        Console.WriteLine($"      and {findings.Count - 20} more");
    }
}

Console.WriteLine($"{history.Records.Count} records of {history.Streams.Count} streams, {broken} findings");
return broken == 0 ? 0 : 1;
