using System.Reflection;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using HubService.Contracts.Schema.Rules;

namespace HubService.Contracts.Schema;

/// <summary>
/// Builds the JSON Schema of a type of the contract from the metadata that reads and writes it. The exporter of System.Text.Json
/// says nothing about types with a converter of their own, which here are numbers, times, ids and enums.
/// </summary>
/// <param name="reference">Where a named type stands, e.g. <c>#/$defs/FileRef</c>.</param>
internal sealed class SchemaBuilder(ContractDocs docs, Func<string, string> reference)
{
    private readonly HashSet<Type> _sent = ContractTypes.Reachable(ContractTypes.Sent);

    /// <summary>Do clients write it?</summary>
    public bool IsSent(Type type) => _sent.Contains(type);

    /// <summary>The full schema of a type, with title and description.</summary>
    public JsonObject Definition(Type type)
    {
        JsonObject schema = new() { ["title"] = type.Name };
        schema.AddText("description", docs.Of(type));
        return Shape(type, IsSent(type)).MoveInto(schema);
    }

    /// <summary>A parameter of a hub method: its name, its schema, whether it may be left out.</summary>
    public JsonObject Parameter(ParameterInfo parameter)
    {
        Type type = parameter.GetCustomAttribute<CarriesAttribute>()?.Type ?? parameter.ParameterType;
        JsonObject schema = Use(ContractTypes.IsStream(type) ? ContractTypes.Result(type) : type, sent: true);
        foreach (FieldRuleAttribute rule in parameter.GetCustomAttributes<FieldRuleAttribute>())
        {
            rule.Describe(schema);
        }

        if (parameter.HasDefaultValue && schema.Count > 0)
        {
            schema = OrNull(schema);
        }

        schema.AddText("description", docs.Of(parameter));
        return new JsonObject { ["name"] = parameter.Name, ["required"] = !parameter.HasDefaultValue, ["stream"] = ContractTypes.IsStream(parameter.ParameterType), ["schema"] = schema };
    }

    /// <summary>How a value of this type stands inside another schema: by reference when it has a name, else in full.</summary>
    /// <param name="sent">By clients: then the bounds of numbers and the forms of times are of interest.</param>
    public JsonObject Use(Type type, bool sent)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        return ContractTypes.IsNamed(type) ? new JsonObject { ["$ref"] = reference(type.Name) } : Shape(type, sent);
    }

    public JsonObject Record(JsonTypeInfo info)
    {
        bool sent = IsSent(info.Type);
        JsonObject properties = [];
        JsonArray required = [];
        foreach (JsonPropertyInfo property in info.Properties.Where(p => !p.IsExtensionData))
        {
            bool always = property.AttributeProvider!.GetCustomAttributes(typeof(JsonIgnoreAttribute), true) is [JsonIgnoreAttribute { Condition: JsonIgnoreCondition.Never }];
            bool nullable = sent ? property.IsSetNullable : property.IsGetNullable;
            bool needed = property.IsRequired || (!sent && (always || !nullable));
            properties[property.Name] = Field(property, sent, nullable && (sent ? !needed : always));
            if (needed)
            {
                required.Add(property.Name);
            }
        }

        JsonObject schema = new() { ["type"] = "object" };
        if (properties.Count > 0)
        {
            schema["properties"] = properties;
        }

        if (required.Count > 0)
        {
            schema["required"] = required;
        }

        foreach (RecordRuleAttribute rule in info.Type.GetCustomAttributes<RecordRuleAttribute>())
        {
            rule.Describe(schema);
        }

        return schema;
    }

    private JsonObject Field(JsonPropertyInfo property, bool sent, bool nullable)
    {
        JsonObject schema = Use(property.PropertyType, sent);
        foreach (FieldRuleAttribute rule in FieldRuleFinder.Of(property))
        {
            rule.Describe(schema);
        }

        if (nullable && schema.Count > 0)
        {
            schema = OrNull(schema);
        }

        schema.AddText("description", docs.Of((PropertyInfo)property.AttributeProvider!));
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

    private JsonObject Shape(Type type, bool sent)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (ScalarSchemas.Of(type, sent) is { } scalar)
        {
            return scalar;
        }

        JsonTypeInfo info = ContractJson.Options.GetTypeInfo(type);
        return info.Kind switch
        {
            JsonTypeInfoKind.Enumerable => new JsonObject { ["type"] = "array", ["items"] = Use(info.ElementType!, sent) },
            JsonTypeInfoKind.Dictionary => new JsonObject { ["type"] = "object", ["additionalProperties"] = Use(info.ElementType!, sent) },
            JsonTypeInfoKind.Object => Record(info),
            _ => throw new NotSupportedException($"{type} has a converter and no schema."),
        };
    }
}
