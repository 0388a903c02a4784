using System.Collections.Frozen;
using System.Text.Json;

namespace HubService.Contracts.Schema;

/// <summary>At least one example payload per event, and one per alternative shape; kept in <c>examples.json</c>.</summary>
public static class ContractExamples
{
    private static readonly FrozenDictionary<string, IReadOnlyList<JsonElement>> ByType = Load();

    public static IReadOnlyList<JsonElement> For(EventDefinition definition)
    {
        ArgumentNullException.ThrowIfNull(definition);
        return ByType.GetValueOrDefault(definition.Type, []);
    }

    private static FrozenDictionary<string, IReadOnlyList<JsonElement>> Load()
    {
        using Stream stream = typeof(ContractExamples).Assembly.GetManifestResourceStream("examples.json")!;
        using JsonDocument document = JsonDocument.Parse(stream);
        return document.RootElement.Clone().EnumerateObject()
            .SelectMany(kind => kind.Value.EnumerateObject())
            .ToFrozenDictionary(type => type.Name, IReadOnlyList<JsonElement> (type) => [.. type.Value.EnumerateArray()], StringComparer.Ordinal);
    }
}
