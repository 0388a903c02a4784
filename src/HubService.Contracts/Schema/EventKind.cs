namespace HubService.Contracts.Schema;

/// <summary>What the events of one kind have in common.</summary>
/// <param name="Name">In lower case, e.g. <c>agent</c>.</param>
/// <param name="Description">What any event of the kind is.</param>
/// <param name="Envelope">The envelope with a payload of raw JSON.</param>
/// <param name="Draft">What a publisher sends; null when only the hub writes them.</param>
/// <param name="TypeField">The field that says which event it is: <c>type</c> or <c>name</c>.</param>
/// <param name="Body">The field of the envelope in which that field and the payload stand; null when they stand in the envelope itself.</param>
internal sealed record EventKind(string Name, string Description, Type Envelope, Type? Draft = null, string TypeField = "type", string? Body = null)
{
    /// <summary>As the names of types begin, e.g. <c>Agent</c>.</summary>
    public string Pascal { get; } = ContractNames.ToPascal(Name);

    /// <summary>The envelope of any event of the kind, whatever its payload.</summary>
    public string EnvelopeName => $"{Pascal}Envelope";

    /// <summary>The union of the events of the kind.</summary>
    public string UnionName => $"{Pascal}Event";
}
