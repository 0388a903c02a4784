using HubService.Contracts.Schema;
using HubService.Tests.House;

namespace HubService.Tests.Contracts;

/// <summary>The documents and the TypeScript module in the repository are what the records say today.</summary>
public class GeneratedFileTests
{
    private const string Switch = "HUBSERVICE_WRITE_CONTRACT";

    public static TheoryData<string> Paths => [.. ContractFiles.Write().Keys];

    [Theory]
    [MemberData(nameof(Paths))]
    public void A_generated_file_is_up_to_date(string path)
    {
        string file = Path.Combine(Repository.Root, path), now = ContractFiles.Write()[path];
        if (Environment.GetEnvironmentVariable(Switch) == "1")
        {
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            File.WriteAllText(file, now);
        }

        string kept = File.Exists(file) ? File.ReadAllText(file) : "";
        if (kept != now)
        {
            Assert.Fail($"""
                {path} is not what the records say (- in the file, + from the records):
                {LineDiff.Of(kept, now)}
                Write it anew: {Switch}=1 dotnet run --project tests/HubService.Tests -- -class {typeof(GeneratedFileTests).FullName}
                """);
        }
    }

    [Fact]
    public void A_difference_is_shown_by_its_lines()
    {
        string diff = LineDiff.Of("a\nb\nc\nd\ne\n", "a\nb\nx\nd\ne\nf\n");
        Assert.Equal("line 3:\n  b\n- c\n+ x\nline 6:\n  e\n+ f\n", diff);
        Assert.Equal("line 2, in A:\n  export interface A {\n+   b: string;\n", LineDiff.Of("export interface A {\n}\n", "export interface A {\n  b: string;\n}\n"));
    }
}
