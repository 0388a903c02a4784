using System.Reflection;

namespace HubService.Tests.House;

/// <summary>Types as they are written in C#, with what may be null.</summary>
internal static class SurfaceName
{
    private static readonly Dictionary<Type, string> Keywords = new()
    {
        [typeof(void)] = "void",
        [typeof(object)] = "object",
        [typeof(string)] = "string",
        [typeof(bool)] = "bool",
        [typeof(int)] = "int",
        [typeof(long)] = "long",
        [typeof(double)] = "double",
    };

    public static string Of(ParameterInfo parameter) =>
        parameter.ParameterType.IsByRef ? $"{(parameter.IsOut ? "out" : "ref")} {Of(parameter.ParameterType.GetElementType()!)}" : Of(new NullabilityInfoContext().Create(parameter));

    public static string Of(PropertyInfo property) => Of(new NullabilityInfoContext().Create(property));

    /// <summary>Without namespace; a nested type after the one that holds it.</summary>
    public static string Of(Type type) => Of(type, null);

    private static string Of(NullabilityInfo info) =>
        Of(info.Type, info) + (!info.Type.IsValueType && info.ReadState == NullabilityState.Nullable ? "?" : "");

    private static string Of(Type type, NullabilityInfo? info)
    {
        if (Keywords.TryGetValue(type, out string? keyword))
        {
            return keyword;
        }

        if (Nullable.GetUnderlyingType(type) is { } underlying)
        {
            return $"{Of(underlying)}?";
        }

        if (type.IsArray)
        {
            return $"{(info?.ElementType is { } element ? Of(element) : Of(type.GetElementType()!))}[]";
        }

        string name = type.Name.Split('`')[0];
        if (type.IsGenericType)
        {
            IEnumerable<string> arguments = info is { GenericTypeArguments.Length: > 0 } ? info.GenericTypeArguments.Select(Of) : type.GetGenericArguments().Select(Of);
            name += $"<{string.Join(", ", arguments)}>";
        }

        return type is { IsNested: true, IsGenericParameter: false } ? $"{Of(type.DeclaringType!)}.{name}" : name;
    }
}
