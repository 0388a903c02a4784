using System.Text.Json.Nodes;
using HubService.Contracts.Schema;
using HubService.Tests.House;

namespace HubService.Tests.Contracts;

/// <summary>Clients of a released contract go on with the present one, or its major version steps.</summary>
public class CompatibilityTests
{
    private static readonly string Releases = Path.Combine(Repository.Root, "src/HubService.Contracts/Schema/Released");

    /// <summary>The one that is changed below: a file that never changes itself.</summary>
    private static readonly JsonObject First = (JsonObject)JsonNode.Parse(File.ReadAllText(Path.Combine(Releases, "1.0.json")))!;

    public static TheoryData<string> BreakingNames => [.. ContractMutations.Breaking.Keys];

    public static TheoryData<string> CompatibleNames => [.. ContractMutations.Compatible.Keys];

    [Fact]
    public void Nothing_breaks_the_released_contract_without_a_new_major_version()
    {
        string newest = Directory.GetFiles(Releases, "*.json").MaxBy(f => Version.Parse(Path.GetFileNameWithoutExtension(f)))!;
        JsonObject released = (JsonObject)JsonNode.Parse(File.ReadAllText(newest))!;
        Version before = Version.Parse((string)released["version"]!), now = Version.Parse(ContractVersion.Documents);
        Assert.Equal(Path.GetFileNameWithoutExtension(newest), (string)released["version"]!);
        Assert.True(now >= before, $"The contract is {now}, which is before the released {before}.");
        if (now.Major == before.Major)
        {
            IReadOnlyList<string> breaks = ContractComparison.Breaks(released, Parsed(JsonSchemaWriter.Write(ContractDocs.Load())));
            Assert.True(breaks.Count == 0, $"Clients of the contract {before} break; undo it, or let ContractVersion.Documents step to {before.Major + 1}.0:\n{string.Join('\n', breaks)}");
        }
    }

    [Fact]
    public void A_contract_is_compatible_with_itself() => Assert.Empty(ContractComparison.Breaks(First, (JsonObject)First.DeepClone()));

    [Theory]
    [MemberData(nameof(BreakingNames))]
    public void A_breaking_change_is_found(string change)
    {
        JsonObject now = (JsonObject)First.DeepClone();
        string place = ContractMutations.Breaking[change](now);
        now = Parsed(now);
        Assert.NotEqual(First.ToJsonString(), now.ToJsonString());
        IReadOnlyList<string> breaks = ContractComparison.Breaks(First, now);
        Assert.Contains(breaks, b => b.StartsWith(place, StringComparison.Ordinal));
        Assert.Single(breaks);
    }

    [Theory]
    [MemberData(nameof(CompatibleNames))]
    public void A_compatible_change_is_none_of_them(string change)
    {
        JsonObject now = (JsonObject)First.DeepClone();
        ContractMutations.Compatible[change](now);
        now = Parsed(now);
        Assert.NotEqual(First.ToJsonString(), now.ToJsonString());
        Assert.Empty(ContractComparison.Breaks(First, now));
    }

    /// <summary>As it is read from a file: numbers are of no C# type.</summary>
    private static JsonObject Parsed(JsonObject contract) => (JsonObject)JsonNode.Parse(contract.ToJsonString())!;
}
