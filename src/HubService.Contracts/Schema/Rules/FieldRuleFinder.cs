using System.Reflection;
using System.Text.Json.Serialization.Metadata;

namespace HubService.Contracts.Schema.Rules;

/// <summary>Finds the rules of a field, which stand on its property or on the parameter that the record makes the property of.</summary>
internal static class FieldRuleFinder
{
    public static IReadOnlyList<FieldRuleAttribute> Of(JsonPropertyInfo property)
    {
        PropertyInfo member = (PropertyInfo)property.AttributeProvider!;
        IEnumerable<ParameterInfo> parameters = member.DeclaringType!.GetConstructors().SelectMany(c => c.GetParameters());
        return
        [
            .. member.GetCustomAttributes<FieldRuleAttribute>(),
            .. parameters.Where(p => p.Name == member.Name).SelectMany(p => p.GetCustomAttributes<FieldRuleAttribute>()),
        ];
    }
}
