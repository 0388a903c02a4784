using System.Collections.Frozen;
using System.Diagnostics.CodeAnalysis;

namespace HubService.Contracts.Schema;

/// <summary>The events of one kind, by wire name or by payload type.</summary>
public sealed class EventCatalog
{
    private readonly FrozenDictionary<string, EventDefinition> _byType;
    private readonly FrozenDictionary<Type, EventDefinition> _byPayload;

    internal EventCatalog(EventKind kind, IReadOnlyList<EventDefinition> all)
    {
        Kind = kind;
        All = all;
        _byType = all.ToFrozenDictionary(d => d.Type, StringComparer.Ordinal);
        _byPayload = all.ToFrozenDictionary(d => d.Payload);
    }

    internal EventKind Kind { get; }

    /// <summary>Has each event a client method of its own, or is there one for all?</summary>
    internal bool HasMethodPerEvent => All.DistinctBy(d => d.ClientMethod).Count() == All.Count;

    /// <summary>In the order of the documentation.</summary>
    public IReadOnlyList<EventDefinition> All { get; }

    public bool TryGet(string type, [NotNullWhen(true)] out EventDefinition? definition) => _byType.TryGetValue(type, out definition);

    public bool TryGet(Type payload, [NotNullWhen(true)] out EventDefinition? definition) => _byPayload.TryGetValue(payload, out definition);
}
