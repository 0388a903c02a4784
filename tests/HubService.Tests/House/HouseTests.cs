using System.Text.RegularExpressions;

namespace HubService.Tests.House;

public sealed partial class HouseTests
{
    [Fact]
    public void The_image_runs_as_nobody_special_and_checks_its_own_health()
    {
        string[] final = Repository.Read("Dockerfile").Split('\n').SkipWhile(l => !l.EndsWith("AS final", StringComparison.Ordinal)).ToArray();

        Assert.Contains("USER 1654:1654", final);
        Assert.Contains("EXPOSE 8080", final);
        Assert.Contains("VOLUME /data", final);
        Assert.Contains(final, l => l.StartsWith("HEALTHCHECK", StringComparison.Ordinal) && l.EndsWith("""CMD ["dotnet", "HubService.dll", "health"]""", StringComparison.Ordinal));
        Assert.DoesNotContain(final, l => l.StartsWith("RUN", StringComparison.Ordinal));
    }

    [Fact]
    public void The_image_is_built_from_files_that_exist_and_are_sent()
    {
        Assert.SkipUnless(Directory.Exists(Path.Combine(Repository.Root, "src/hubservice-inspector")), "The page is not in this checkout.");
        HashSet<string> sent = Repository.Read(".dockerignore").Split('\n').Where(l => l.StartsWith('!')).Select(l => l[1..]).ToHashSet();
        IEnumerable<string> copied = Repository.Read("Dockerfile").Split('\n')
            .Where(l => l.StartsWith("COPY ", StringComparison.Ordinal) && !l.Contains("--from", StringComparison.Ordinal))
            .SelectMany(l => l.Split(' ')[1..^1]);

        foreach (string path in copied.Select(p => p.TrimEnd('/')))
        {
            Assert.True(Path.Exists(Path.Combine(Repository.Root, path)), $"{path} does not exist");
            Assert.True(sent.Any(s => path == s || path.StartsWith(s + "/", StringComparison.Ordinal)), $".dockerignore withholds {path}");
        }
    }

    [Fact]
    public void Every_decision_record_has_the_five_parts_and_fits_a_page()
    {
        string folder = Path.Combine(Repository.Root, "src/HubService/Decisions");
        string[] parts = ["## Question", "## Decision", "## Why", "## What we gave up", "## When to look again"];
        foreach (string file in Directory.GetFiles(folder, "*.md"))
        {
            string name = Path.GetFileName(file);
            string[] lines = File.ReadAllLines(file);

            Assert.Matches(RecordName(), name);
            Assert.StartsWith($"# {name[..4]} ", lines[0], StringComparison.Ordinal);
            Assert.Equal(parts, lines.Where(l => l.StartsWith("## ", StringComparison.Ordinal)));
            Assert.InRange(lines.Length, 10, 70);
        }

        Assert.Equal(
            Directory.GetFiles(folder, "*.md").Length,
            Directory.GetFiles(folder, "*.md").Select(f => Path.GetFileName(f)[..4]).Distinct().Count());
    }

    [GeneratedRegex("^[0-9]{4}-[a-z0-9-]+\\.md$", RegexOptions.None, 1000)]
    private static partial Regex RecordName();
}
