namespace HubService.Contracts.Schema;

/// <summary>What a parameter of raw JSON holds; documents and clients are generated from it.</summary>
[AttributeUsage(AttributeTargets.Parameter)]
internal sealed class CarriesAttribute(Type type) : Attribute
{
    /// <summary>A record of the contract, or an array of one.</summary>
    public Type Type { get; } = type;
}
