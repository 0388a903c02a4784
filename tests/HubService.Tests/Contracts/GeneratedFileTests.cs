using HubService.Contracts.Schema;
using HubService.Tests.House;

namespace HubService.Tests.Contracts;

/// <summary>The documents and the TypeScript module in the repository are what the records say today.</summary>
public class GeneratedFileTests
{
    public static TheoryData<string> Paths => [.. ContractFiles.Write().Keys];

    [Theory]
    [MemberData(nameof(Paths))]
    public void A_generated_file_is_up_to_date(string path) => KeptFile.AssertIs(path, ContractFiles.Write()[path], "HUBSERVICE_WRITE_CONTRACT");
}
