using System.Text.RegularExpressions;

namespace HubService.Tests.House;

/// <summary>What the README says of options, files and settings is so.</summary>
public sealed partial class ReadmeTextTests
{
    [Fact]
    public void The_configuration_table_is_that_of_the_option_classes()
    {
        string[] table = [.. Readme.Text.Split('\n').SkipWhile(l => l != "| option | default | meaning |").Skip(2).TakeWhile(l => l.StartsWith('|'))];

        string actual = string.Join('\n', OptionTable.Rows);

        Assert.True(actual == string.Join('\n', table), $"The table of README.md should be\n\n{actual}");
    }

    [Fact]
    public void Settings_of_the_environment_are_options()
    {
        HashSet<string> known = OptionTable.Rows.Select(r => r.Name).ToHashSet(StringComparer.OrdinalIgnoreCase);
        string[] named = [.. EnvironmentName().Matches(Readme.Text).Select(m => m.Value.Replace("__", ":", StringComparison.Ordinal)).Distinct()];

        Assert.NotEmpty(named);
        Assert.All(named, n => Assert.Contains(n, known));
    }

    [Fact]
    public void Links_lead_somewhere()
    {
        string[] made = ["/bin/", "/obj/", "/node_modules/", "/dist/"];
        string[] documents = [.. ((string[])["src", "tests", "samples"])
            .SelectMany(f => Directory.EnumerateFiles(Path.Combine(Repository.Root, f), "*.md", SearchOption.AllDirectories))
            .Where(f => !made.Any(m => f.Contains(m, StringComparison.Ordinal)))
            .Append(Path.Combine(Repository.Root, "README.md"))];
        Assert.Contains(documents, d => d.EndsWith("BOUNDS.md", StringComparison.Ordinal));
        foreach (string document in documents)
        {
            string text = File.ReadAllText(document);
            HashSet<string> anchors = [.. Heading().Matches(text).Select(m => "#" + m.Groups["title"].Value.Trim().ToLowerInvariant().Replace(' ', '-'))];
            foreach (string target in Link().Matches(text).Select(m => m.Groups["target"].Value).Where(t => !t.StartsWith("http", StringComparison.Ordinal)))
            {
                Assert.True(
                    target.StartsWith('#') ? anchors.Contains(target) : Path.Exists(Path.Combine(Path.GetDirectoryName(document)!, target)),
                    $"{Path.GetFileName(document)} links to {target}, which is not there");
            }
        }
    }

    [Fact]
    public void The_image_takes_the_arguments_that_are_given()
    {
        string dockerfile = Repository.Read("Dockerfile");

        Assert.All(BuildArgument().Matches(Readme.Text), m => Assert.Matches($@"(?m)^ARG {m.Groups["name"].Value}\b", dockerfile));
    }

    [Fact]
    public void The_command_that_runs_the_tests_names_a_script()
    {
        string[] command = Readme.Block("tests").Split(' ');

        Assert.Equal("bash", command[0]);
        Assert.True(File.Exists(Path.Combine(Repository.Root, command[1])));
    }

    [Fact]
    public void Pieces_that_stand_in_for_packages_exist()
    {
        string[] pieces = [.. Readme.Text.Split('\n').SkipWhile(l => !l.StartsWith("| piece | stands for |", StringComparison.Ordinal)).Skip(2).TakeWhile(l => l.StartsWith('|')).Select(l => l.Split('|')[1])];
        HashSet<string> files = Directory.EnumerateFiles(Repository.Root, "*.cs", SearchOption.AllDirectories).Select(f => Path.GetFileNameWithoutExtension(f)!).ToHashSet(StringComparer.Ordinal);
        string versions = Repository.Read("Directory.Packages.props");

        Assert.NotEmpty(pieces);
        Assert.All(pieces.SelectMany(p => Quoted().Matches(p).Select(m => m.Groups["name"].Value)).Where(n => !n.StartsWith('/')), n => Assert.Contains(n, files));
        Assert.All(pieces.SelectMany(p => PackageVersion().Matches(p)), m => Assert.Contains($"""Include="{m.Groups["package"].Value}" Version="[{m.Groups["version"].Value}]""", versions, StringComparison.Ordinal));
    }

    [GeneratedRegex("[A-Z][A-Za-z]+(__[A-Za-z0-9]+)+", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex EnvironmentName();

    [GeneratedRegex(@"^#+ (?<title>.*)$", RegexOptions.ExplicitCapture | RegexOptions.Multiline, 1000)]
    private static partial Regex Heading();

    [GeneratedRegex(@"\]\((?<target>[^)\s]+)\)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Link();

    [GeneratedRegex("--build-arg (?<name>[A-Z_]+)=", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex BuildArgument();

    [GeneratedRegex("`(?<name>[^`]+)`", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Quoted();

    [GeneratedRegex(@"(?<package>[A-Z][\w.]+) (?<version>\d+\.\d+\.\d+)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex PackageVersion();
}
