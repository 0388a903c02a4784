using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using HubService.Contracts.Agents;
using HubService.Contracts.Schema.Rules;

namespace HubService.Contracts.Schema;

/// <summary>
/// Builds the JSON Schema of a type of the contract from the metadata that reads and writes it. The exporter of System.Text.Json
/// says nothing about types with a converter of their own, which here are numbers, times, ids and enums.
/// </summary>
/// <param name="reference">Where a named type stands, e.g. <c>#/$defs/FileRef</c>.</param>
internal sealed class SchemaBuilder(ContractDocs docs, Func<string, string> reference)
{
    private readonly HashSet<Type> _sent = Reachable(ContractTypes.Sent);

    /// <summary>Every type that stands under a name of its own, in the order of the names.</summary>
    public IEnumerable<Type> Named =>
        _sent.Concat(Reachable(ContractTypes.Received)).Where(ContractTypes.IsNamed).Distinct().OrderBy(t => t.Name, StringComparer.Ordinal);

    /// <summary>The full schema of a type, with title and description.</summary>
    public JsonObject Definition(Type type)
    {
        JsonObject schema = new() { ["title"] = type.Name };
        if (docs.Of(type) is { } text)
        {
            schema["description"] = text;
        }

        foreach ((string key, JsonNode? value) in Shape(type).ToArray())
        {
            schema[key] = value?.DeepClone();
        }

        return schema;
    }

    /// <summary>The envelope of an event with its payload; <c>type</c> or <c>event.name</c> is the event's own.</summary>
    public JsonObject Envelope(EventDefinition definition)
    {
        JsonObject schema = new() { ["title"] = definition.Payload.Name + "Event" };
        if (docs.Of(definition.Payload) is { } text)
        {
            schema["description"] = text;
        }

        JsonObject shape = Record(definition.EnvelopeInfo);
        JsonObject properties = (JsonObject)shape["properties"]!;
        properties["v"]!["const"] = 1;
        JsonNode named = definition.StreamKind == StreamKind.Project ? properties["event"]!["properties"]!["name"]! : properties["type"]!;
        named["const"] = definition.Type;
        foreach ((string key, JsonNode? value) in shape.ToArray())
        {
            schema[key] = value?.DeepClone();
        }

        return schema;
    }

    /// <summary>How a value of this type stands inside another schema: by reference when it has a name, else in full.</summary>
    public JsonObject Use(Type type)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        return ContractTypes.IsNamed(type) ? new JsonObject { ["$ref"] = reference(type.Name) } : Shape(type);
    }

    public JsonObject Record(JsonTypeInfo info)
    {
        bool sent = _sent.Contains(info.Type);
        JsonObject properties = [];
        JsonArray required = [];
        foreach (JsonPropertyInfo property in info.Properties.Where(p => !p.IsExtensionData))
        {
            bool always = property.AttributeProvider!.GetCustomAttributes(typeof(JsonIgnoreAttribute), true) is [JsonIgnoreAttribute { Condition: JsonIgnoreCondition.Never }];
            bool nullable = sent ? property.IsSetNullable : property.IsGetNullable;
            bool needed = sent ? property.IsRequired : always || !nullable;
            properties[property.Name] = Field(property, nullable && (sent ? !needed : always));
            if (needed)
            {
                required.Add(property.Name);
            }
        }

        JsonObject schema = new() { ["type"] = "object" };
        foreach (RecordRuleAttribute rule in info.Type.GetCustomAttributes<RecordRuleAttribute>())
        {
            rule.Describe(schema);
        }

        if (properties.Count > 0)
        {
            schema["properties"] = properties;
        }

        if (required.Count > 0)
        {
            schema["required"] = required;
        }

        return schema;
    }

    private JsonObject Field(JsonPropertyInfo property, bool nullable)
    {
        JsonObject schema = Use(property.PropertyType);
        foreach (FieldRuleAttribute rule in FieldRules.Of(property))
        {
            rule.Describe(schema);
        }

        if (nullable && schema.Count > 0)
        {
            schema = OrNull(schema);
        }

        if (docs.Of((PropertyInfo)property.AttributeProvider!) is { } text)
        {
            schema["description"] = text;
        }

        return schema;
    }

    private static JsonObject OrNull(JsonObject schema)
    {
        if (schema["type"] is not JsonValue type)
        {
            return new JsonObject { ["anyOf"] = new JsonArray(schema, new JsonObject { ["type"] = "null" }) };
        }

        schema["type"] = new JsonArray(type.DeepClone(), "null");
        if (schema["enum"] is JsonArray values)
        {
            values.Add(null);
        }

        return schema;
    }

    private JsonObject Shape(Type type)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (ScalarSchemas.Of(type) is { } scalar)
        {
            return scalar;
        }

        JsonTypeInfo info = ContractJson.Options.GetTypeInfo(type);
        return info.Kind switch
        {
            JsonTypeInfoKind.Enumerable => new JsonObject { ["type"] = "array", ["items"] = Use(info.ElementType!) },
            JsonTypeInfoKind.Dictionary => new JsonObject { ["type"] = "object", ["additionalProperties"] = Use(info.ElementType!) },
            JsonTypeInfoKind.Object => Record(info),
            _ => throw new NotSupportedException($"{type} has a converter and no schema."),
        };
    }

    /// <summary>The types and whatever their fields are made of.</summary>
    private static HashSet<Type> Reachable(IEnumerable<Type> roots)
    {
        HashSet<Type> seen = [];
        Stack<Type> next = new(roots);
        while (next.TryPop(out Type? type))
        {
            type = Nullable.GetUnderlyingType(type) ?? type;
            if (seen.Add(type) && (ScalarSchemas.Of(type) is null))
            {
                JsonTypeInfo info = ContractJson.Options.GetTypeInfo(type);
                IEnumerable<Type> inner = info.ElementType is { } element ? [element] : info.Properties.Where(p => !p.IsExtensionData).Select(p => p.PropertyType);
                foreach (Type t in inner)
                {
                    next.Push(t);
                }
            }
        }

        return seen;
    }
}
