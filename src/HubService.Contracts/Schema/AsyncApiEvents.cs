namespace HubService.Contracts.Schema;

/// <summary>The messages that carry events, in their envelopes; named by the event, with its examples.</summary>
internal sealed class AsyncApiEvents(ContractDocs docs, AsyncApiParts parts)
{
    public void Add()
    {
        foreach (EventDefinition d in ContractCatalog.Everything)
        {
            parts.Message(
                d.Type,
                d.Type,
                docs.Of(d.Payload),
                AsyncApiParts.Ref($"#/components/schemas/{ContractSchemas.EnvelopeName(d)}"),
                EnvelopeExamples.For(d));
        }
    }
}
