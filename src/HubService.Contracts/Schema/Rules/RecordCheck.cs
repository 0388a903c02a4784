using System.Collections;
using System.Collections.Concurrent;
using System.Reflection;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;

namespace HubService.Contracts.Schema.Rules;

/// <summary>
/// Checks what the serialiser does not: the rules of a record, those of the records inside it, and that no list holds null.
/// Prepared once per type; a record without rules costs nothing.
/// </summary>
internal sealed class RecordCheck
{
    private static readonly ConcurrentDictionary<Type, RecordCheck> Known = new();

    private readonly IReadOnlyList<RecordRuleAttribute> _rules;
    private readonly Dictionary<string, Func<object, object?>> _getters;
    private readonly FieldCheck[] _fields;

    private RecordCheck(JsonTypeInfo info)
    {
        _rules = [.. info.Type.GetCustomAttributes<RecordRuleAttribute>()];
        _getters = info.Properties.Where(p => p.Get is not null).ToDictionary(p => p.Name, p => p.Get!, StringComparer.Ordinal);
        _fields = [.. info.Properties.Where(p => !p.IsExtensionData).Select(FieldCheck.Of).OfType<FieldCheck>()];
    }

    private bool IsEmpty => _rules.Count == 0 && _fields.Length == 0;

    /// <summary>The path of the field at fault, e.g. <c>attachments[0].url</c>, and its rule; null when all hold.</summary>
    public static (string Field, string Rule)? Violation(object record, JsonTypeInfo info) => For(info).Violation(record);

    private static RecordCheck For(JsonTypeInfo info) => Known.GetOrAdd(info.Type, static (_, i) => new RecordCheck(i), info);

    private (string Field, string Rule)? Violation(object record)
    {
        foreach (FieldCheck check in _fields)
        {
            if (check.Get(record) is { } value && check.Violation(value) is { } broken)
            {
                return broken;
            }
        }

        return _rules.Count == 0 ? null : _rules.Select(r => r.Violation(name => _getters[name](record))).FirstOrDefault(v => v is not null);
    }

    private sealed record FieldCheck(string Name, Func<object, object?> Get, IReadOnlyList<FieldRuleAttribute> Rules, RecordCheck? Record, bool IsList)
    {
        public static FieldCheck? Of(JsonPropertyInfo property)
        {
            IReadOnlyList<FieldRuleAttribute> rules = FieldRuleFinder.Of(property);
            JsonTypeInfo info = Info(property.PropertyType);
            bool list = info is { Kind: JsonTypeInfoKind.Enumerable, ElementType.IsValueType: false } && info.Type != typeof(JsonArray);
            RecordCheck? record = Inner(list ? Info(info.ElementType!) : info);
            return rules.Count == 0 && !list && record is null ? null : new FieldCheck(property.Name, property.Get!, rules, record, list);
        }

        public (string Field, string Rule)? Violation(object value)
        {
            foreach (FieldRuleAttribute rule in Rules)
            {
                if (rule.Violation(value) is { } broken)
                {
                    return (Name, broken);
                }
            }

            return IsList ? Items((IEnumerable)value) : Record?.Violation(value) is var (field, inner) ? ($"{Name}.{field}", inner) : null;
        }

        private (string Field, string Rule)? Items(IEnumerable items)
        {
            int index = 0;
            foreach (object? item in items)
            {
                if (item is null)
                {
                    return ($"{Name}[{index}]", "must not be null");
                }

                if (Record?.Violation(item) is var (field, rule))
                {
                    return ($"{Name}[{index}].{field}", rule);
                }

                index++;
            }

            return null;
        }

        private static JsonTypeInfo Info(Type type) => ContractJson.Options.GetTypeInfo(Nullable.GetUnderlyingType(type) ?? type);

        private static RecordCheck? Inner(JsonTypeInfo info) =>
            info.Kind == JsonTypeInfoKind.Object && ContractTypes.IsNamed(info.Type) && For(info) is { IsEmpty: false } rules ? rules : null;
    }
}
