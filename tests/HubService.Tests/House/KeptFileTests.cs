using Xunit.Sdk;

namespace HubService.Tests.House;

public class KeptFileTests
{
    [Fact]
    public void A_difference_is_shown_by_its_lines()
    {
        Assert.Equal("line 3:\n  b\n- c\n+ x\nline 6:\n  e\n+ f\n", LineDiff.Of("a\nb\nc\nd\ne\n", "a\nb\nx\nd\ne\nf\n"));
        Assert.Equal("line 2, in A:\n  export interface A {\n+   b: string;\n", LineDiff.Of("export interface A {\n}\n", "export interface A {\n  b: string;\n}\n"));
    }

    /// <summary>A comparison of sets of lines saw neither.</summary>
    [Theory]
    [InlineData("a\nb\nc\n", "b\na\nc\n")]
    [InlineData("a\nb\n", "a\nb\nb\n")]
    public void A_line_that_moved_or_stands_twice_is_shown(string before, string after) => Assert.NotEmpty(LineDiff.Of(before, after));

    [Fact]
    public void A_file_that_differs_is_named_with_how_to_write_it_anew()
    {
        string kept = Repository.Read("global.json").ReplaceLineEndings("\n");
        KeptFile.AssertIs("global.json", kept, "HUBSERVICE_WRITE_NOTHING");
        FailException failure = Assert.Throws<FailException>(() => KeptFile.AssertIs("global.json", kept + "more\n", "HUBSERVICE_WRITE_NOTHING"));
        Assert.Contains("global.json is out of date", failure.Message, StringComparison.Ordinal);
        Assert.Contains("+ more", failure.Message, StringComparison.Ordinal);
        Assert.Contains($"HUBSERVICE_WRITE_NOTHING=1 dotnet run --project tests/HubService.Tests -- -class {typeof(KeptFileTests).FullName}", failure.Message, StringComparison.Ordinal);
    }
}
