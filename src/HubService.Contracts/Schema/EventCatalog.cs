using System.Collections.Frozen;
using System.Diagnostics.CodeAnalysis;

namespace HubService.Contracts.Schema;

/// <summary>The events of one kind, by wire name or by payload type.</summary>
public sealed class EventCatalog
{
    private readonly FrozenDictionary<string, EventDefinition> _byType;
    private readonly FrozenDictionary<Type, EventDefinition> _byPayload;

    internal EventCatalog(IReadOnlyList<EventDefinition> all)
    {
        All = all;
        _byType = all.ToFrozenDictionary(d => d.Type, StringComparer.Ordinal);
        _byPayload = all.ToFrozenDictionary(d => d.Payload);
    }

    /// <summary>In the order of the documentation.</summary>
    public IReadOnlyList<EventDefinition> All { get; }

    public bool TryGet(string type, [NotNullWhen(true)] out EventDefinition? definition) => _byType.TryGetValue(type, out definition);

    public bool TryGet(Type payload, [NotNullWhen(true)] out EventDefinition? definition) => _byPayload.TryGetValue(payload, out definition);
}
