using System.Text.RegularExpressions;

namespace HubService.Tests.House;

/// <summary>Holds the sources to the table in src/HubService/README.md.</summary>
public sealed partial class FolderTests
{
    private const string Service = "src/HubService";
    private const string Root = "root";

    private static readonly Dictionary<string, Rule> Rules = ReadTable(Repository.Read($"{Service}/README.md"));
    private static readonly List<Source> Sources = ReadSources();

    [Fact]
    public void The_table_can_be_read()
    {
        Assert.Equal(18, Rules.Count);
        Assert.Equal(["Wire", "MessagePack", "Streams", "Cluster", "Access", "Telemetry"], Rules["Delivery"].Uses);
        Assert.Equal(["OpenTelemetry"], Rules["Telemetry"].Imports);
        Assert.All(Rules.Values.SelectMany(r => r.Uses).Where(u => u != "*"), used => Assert.Contains(used, Rules.Keys));
    }

    [Fact]
    public void The_table_itself_has_no_cycle()
    {
        HashSet<string> done = [];
        while (Rules.Keys.FirstOrDefault(f => f != Root && !done.Contains(f) && Rules[f].Uses.TrueForAll(done.Contains)) is { } next)
        {
            done.Add(next);
        }

        Assert.Equal(Rules.Keys.Where(f => f != Root).Order(), done.Order());
    }

    [Fact]
    public void Every_folder_with_sources_is_in_the_table() =>
        None(Sources.Select(s => s.Folder).Distinct().Except(Rules.Keys));

    [Fact]
    public void Every_file_has_the_namespace_of_its_folder() =>
        None(
            from s in Sources
            let expected = s.Folder == Root ? "HubService" : $"HubService.{s.Folder}"
            from Match m in NamespaceLine().Matches(s.Code)
            where m.Groups["name"].Value != expected
            select $"{s.Path}: {m.Groups["name"].Value} instead of {expected}");

    [Fact]
    public void Folders_use_only_what_the_table_allows()
    {
        Dictionary<string, HashSet<string>> declared = Sources.GroupBy(s => s.Folder)
            .ToDictionary(g => g.Key, g => g.SelectMany(s => TypeName().Matches(s.Code)).Select(m => m.Groups["name"].Value).ToHashSet());
        IEnumerable<string> violations =
            from s in Sources
            from used in UsedFolders(s, declared).Distinct()
            where used != s.Folder && !Rules[s.Folder].Uses.Contains("*") && !Rules[s.Folder].Uses.Contains(used)
            select $"{s.Path}: {s.Folder} may not use {used}";

        None(violations);
    }

    [Fact]
    public void Packages_are_imported_only_where_the_table_says()
    {
        string[] guarded = Rules.Values.SelectMany(r => r.Imports).Distinct().ToArray();
        IEnumerable<string> violations =
            from s in Sources
            from package in guarded
            where Regex.IsMatch(s.Code, $@"(?<![\w.]){Regex.Escape(package)}(?!\w)", RegexOptions.None, TimeSpan.FromSeconds(1))
            where !Rules[s.Folder].Imports.Contains(package)
            where !(package == "Microsoft.AspNetCore.SignalR" && s.Path.EndsWith("HubFilter.cs", StringComparison.Ordinal))
            select $"{s.Path}: {s.Folder} may not import {package}";

        None(violations);
    }

    [Fact]
    public void Streams_know_nothing_of_AspNetCore() =>
        None(Sources.Where(s => s.Folder == "Streams" && AspNetCore().IsMatch(s.Code)).Select(s => s.Path));

    [Fact]
    public void No_global_using_goes_round_the_table()
    {
        None(Sources.Where(s => s.Code.Contains("global using", StringComparison.Ordinal)).Select(s => s.Path));
        Assert.DoesNotContain("<Using ", Repository.Read($"{Service}/HubService.csproj"), StringComparison.Ordinal);
    }

    [Fact]
    public void Contracts_reference_nothing()
    {
        string project = Repository.Read("src/HubService.Contracts/HubService.Contracts.csproj");

        Assert.DoesNotContain("PackageReference", project, StringComparison.Ordinal);
        Assert.DoesNotContain("ProjectReference", project, StringComparison.Ordinal);
        Assert.DoesNotContain("FrameworkReference", project, StringComparison.Ordinal);
        Assert.Contains("Sdk=\"Microsoft.NET.Sdk\"", project, StringComparison.Ordinal);
    }

    // All of them in full, where Assert.Empty would show the first and cut it short.
    private static void None(IEnumerable<string> violations) => Assert.Equal("", string.Join('\n', violations));

    private static IEnumerable<string> UsedFolders(Source source, Dictionary<string, HashSet<string>> declared)
    {
        foreach (Match m in Qualified().Matches(source.Code))
        {
            if (Rules.ContainsKey(m.Groups["folder"].Value))
            {
                yield return m.Groups["folder"].Value;
            }
        }

        // Inside namespace HubService.X, "Delivery.Outbox" means HubService.Delivery.Outbox.
        foreach (Match m in Relative().Matches(source.Code))
        {
            if (declared.TryGetValue(m.Groups["folder"].Value, out HashSet<string>? types) && types.Contains(m.Groups["type"].Value))
            {
                yield return m.Groups["folder"].Value;
            }
        }
    }

    private static Dictionary<string, Rule> ReadTable(string text) =>
        text.Split('\n')
            .SkipWhile(l => !l.StartsWith("| folder | may use |", StringComparison.Ordinal)).Skip(2)
            .TakeWhile(l => l.StartsWith('|'))
            .Select(l => l.Split('|', StringSplitOptions.TrimEntries))
            .ToDictionary(c => c[1].Trim('`'), c => new Rule(c[2] == "everything" ? ["*"] : Names(c[2]), Names(c[3])));

    private static List<string> Names(string cell) => Quoted().Matches(cell).Select(m => m.Groups["name"].Value).ToList();

    private static List<Source> ReadSources()
    {
        string root = Path.Combine(Repository.Root, Service);
        return Directory.EnumerateFiles(root, "*.cs", SearchOption.AllDirectories)
            .Select(f => Path.GetRelativePath(root, f).Replace('\\', '/'))
            .Where(f => !f.StartsWith("bin/", StringComparison.Ordinal) && !f.StartsWith("obj/", StringComparison.Ordinal))
            .Select(f => new Source(f, f.Contains('/', StringComparison.Ordinal) ? f[..f.IndexOf('/', StringComparison.Ordinal)] : Root, Strip(File.ReadAllText(Path.Combine(root, f)))))
            .ToList();
    }

    // What stands in texts and comments is no dependency; "Microsoft.AspNetCore.SignalR.Server" is also the name of a meter.
    private static string Strip(string code) => Comment().Replace(Text().Replace(code, "\"\""), "");

    [GeneratedRegex(@"""{3}.*?""{3}|'\\?""'|""(?:[^""\\\n]|\\.)*""", RegexOptions.Singleline, 5000)]
    private static partial Regex Text();

    [GeneratedRegex("//[^\n]*", RegexOptions.None, 5000)]
    private static partial Regex Comment();

    [GeneratedRegex("`(?<name>[^`]+)`", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Quoted();

    [GeneratedRegex(@"^namespace (?<name>[\w.]+)", RegexOptions.ExplicitCapture | RegexOptions.Multiline, 1000)]
    private static partial Regex NamespaceLine();

    [GeneratedRegex(@"\b(class|record|record struct|struct|interface|enum) (?<name>[A-Z]\w*)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex TypeName();

    [GeneratedRegex(@"(?<![\w.])HubService\.(?<folder>[A-Z]\w*)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Qualified();

    [GeneratedRegex(@"(?<![\w.])(?<folder>[A-Z]\w*)\.(?<type>[A-Z]\w*)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Relative();

    [GeneratedRegex(@"\bMicrosoft\.AspNetCore\b|\bHttpContext\b|\bHubCallerContext\b", RegexOptions.None, 1000)]
    private static partial Regex AspNetCore();

    private sealed record Rule(List<string> Uses, List<string> Imports);

    private sealed record Source(string Path, string Folder, string Code);
}
