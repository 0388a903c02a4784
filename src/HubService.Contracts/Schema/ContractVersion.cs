namespace HubService.Contracts.Schema;

/// <summary>What the contract calls itself.</summary>
public static class ContractVersion
{
    /// <summary>The <c>v</c> of every envelope; changes when old clients could no longer read new events.</summary>
    public const int Wire = 1;

    /// <summary>The version of the documents, as major.minor: the major one steps with a breaking change, the minor one with any other.</summary>
    public const string Documents = "1.0";
}
