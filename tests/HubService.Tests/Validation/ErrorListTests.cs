using System.Text.RegularExpressions;
using HubService.Contracts;
using HubService.Tests.House;

namespace HubService.Tests.Validation;

/// <summary>Every code of the contract is provoked through a real connection by a test of these folders.</summary>
public partial class ErrorListTests
{
    private static readonly Lazy<string> Sources = new(() => string.Concat(
        new[] { "Publishing", "Validation", "Agents", "Projects", "Limits", "Access" }
            .SelectMany(f => Directory.EnumerateFiles(Path.Combine(Repository.Root, "tests", "HubService.Tests", f), "*.cs"))
            .Where(f => Path.GetFileName(f) != "ErrorListTests.cs")
            .Select(File.ReadAllText)));

    public static readonly TheoryData<string> Codes = [.. ErrorCodes.All];

    [Theory]
    [MemberData(nameof(Codes))]
    public void A_code_of_the_list_is_expected_by_a_test(string code) => Assert.Contains($"\"{code}\"", Sources.Value, StringComparison.Ordinal);

    [Fact]
    public void No_test_expects_a_code_that_is_not_on_the_list()
    {
        string[] expected = [.. Expectations().Matches(Sources.Value).Select(m => m.Groups["code"].Value)];
        Assert.NotEmpty(expected);
        Assert.Empty(expected.Except(ErrorCodes.All));
    }

    [GeneratedRegex("""Assert\.Equal\(\(?"(?<code>[a-z_]+)"[^;]*\.Code\(\)""", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Expectations();
}
