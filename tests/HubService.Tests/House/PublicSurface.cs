using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace HubService.Tests.House;

/// <summary>The public surface of an assembly as text: a line per type and member, in an order that does not change. What the compiler adds to records is left out.</summary>
internal static class PublicSurface
{
    private const BindingFlags Declared = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    public static string Of(Assembly assembly) => string.Join(
        '\n', assembly.GetExportedTypes().OrderBy(t => t.FullName, StringComparer.Ordinal).Select(t => string.Join('\n', Lines(t)) + "\n"));

    private static IEnumerable<string> Lines(Type type)
    {
        yield return Declaration(type);
        IEnumerable<string> members = type.IsEnum
            ? type.GetFields(BindingFlags.Public | BindingFlags.Static).Select(f => $"{f.Name} = {Convert.ToInt64(f.GetRawConstantValue(), CultureInfo.InvariantCulture)}")
            : type.IsSubclassOf(typeof(Delegate)) ? [Method(type.GetMethod("Invoke")!)]
            : type.GetMembers(Declared).Where(IsVisible).SelectMany(Member).OrderBy(l => l, StringComparer.Ordinal);
        foreach (string member in members)
        {
            yield return $"  {member}";
        }
    }

    private static string Declaration(Type type)
    {
        string kind = type.IsEnum ? "enum" : type.IsInterface ? "interface" : type.IsSubclassOf(typeof(Delegate)) ? "delegate"
            : $"{(type is { IsAbstract: true, IsSealed: true } ? "static " : type.IsAbstract ? "abstract " : type is { IsSealed: true, IsValueType: false } ? "sealed " : "")}{(IsRecord(type) ? "record " : "")}{(type.IsValueType ? "struct" : "class")}";
        Type[] inherited = type.BaseType is { } b && b != typeof(object) && b != typeof(ValueType) && b != typeof(Enum) && b != typeof(MulticastDelegate) ? [b] : [];
        Type[] interfaces = [.. type.GetInterfaces().Where(i => i.IsVisible && !IsSynthesized(type, i) && type.BaseType?.IsAssignableTo(i) is not true)];
        string[] bases = [.. inherited.Select(t => SurfaceName.Of(t)), .. interfaces.Select(t => SurfaceName.Of(t)).Order(StringComparer.Ordinal)];
        return $"{kind} {type.Namespace}.{SurfaceName.Of(type)}{(bases.Length > 0 && !type.IsEnum ? $" : {string.Join(", ", bases)}" : "")}";
    }

    private static IEnumerable<string> Member(MemberInfo member)
    {
        switch (member)
        {
            case ConstructorInfo constructor:
                return [$"{Access(constructor)}new({Parameters(constructor)})"];
            case FieldInfo { IsLiteral: true } constant:
                return [$"const {SurfaceName.Of(constant.FieldType)} {constant.Name} = {constant.GetRawConstantValue()}"];
            case FieldInfo field:
                return [$"{(field.IsStatic ? "static " : "")}{(field.IsInitOnly ? "readonly " : "")}{SurfaceName.Of(field.FieldType)} {field.Name}"];
            case EventInfo e:
                return [$"event {SurfaceName.Of(e.EventHandlerType!)} {e.Name}"];
            case PropertyInfo property:
                return [Property(property)];
            case MethodInfo { IsSpecialName: false } method:
                return [Method(method)];
            default:
                return [];
        }
    }

    private static string Property(PropertyInfo property)
    {
        MethodInfo accessor = property.GetMethod ?? property.SetMethod!;
        bool init = property.SetMethod?.ReturnParameter.GetRequiredCustomModifiers().Contains(typeof(IsExternalInit)) is true;
        string set = property.SetMethod is { } setter && IsVisible(setter) ? init ? " init;" : " set;" : "";
        string required = property.IsDefined(typeof(RequiredMemberAttribute)) ? "required " : "";
        return $"{Access(accessor)}{required}{(accessor.IsStatic ? "static " : "")}{SurfaceName.Of(property)} {property.Name} {{{(property.GetMethod is null ? "" : " get;")}{set} }}";
    }

    private static string Method(MethodInfo method)
    {
        string modifiers = $"{Access(method)}{(method.IsStatic ? "static " : "")}{(method.IsAbstract && !method.DeclaringType!.IsInterface ? "abstract " : "")}";
        string generic = method.IsGenericMethodDefinition ? $"<{string.Join(", ", method.GetGenericArguments().Select(a => a.Name))}>" : "";
        return $"{modifiers}{SurfaceName.Of(method.ReturnParameter)} {method.Name}{generic}({Parameters(method)})";
    }

    private static string Parameters(MethodBase method) => string.Join(", ", method.GetParameters().Select((p, i) =>
        $"{(i == 0 && method.IsDefined(typeof(ExtensionAttribute)) ? "this " : "")}{SurfaceName.Of(p)} {p.Name}{(p.HasDefaultValue ? $" = {Default(p)}" : "")}"));

    private static string Default(ParameterInfo parameter) => parameter.DefaultValue switch
    {
        null => parameter.ParameterType.IsValueType && Nullable.GetUnderlyingType(parameter.ParameterType) is null ? "default" : "null",
        string s => $"\"{s}\"",
        bool b => b ? "true" : "false",
        object value => string.Format(CultureInfo.InvariantCulture, "{0}", value),
    };

    private static string Access(MethodBase method) => method.IsPublic ? "" : "protected ";

    private static bool IsVisible(MemberInfo member) => member switch
    {
        Type => false, // A nested type has lines of its own.
        PropertyInfo { Name: "EqualityContract" } => false,
        PropertyInfo property => property.GetAccessors(nonPublic: true).Any(IsVisible),
        EventInfo e => IsVisible(e.AddMethod!),
        FieldInfo field => field.IsPublic || (Inherits(field) && (field.IsFamily || field.IsFamilyOrAssembly)),
        MethodBase method => (method.IsPublic || (Inherits(method) && (method.IsFamily || method.IsFamilyOrAssembly))) && (method.IsSpecialName || !method.IsDefined(typeof(CompilerGeneratedAttribute))) && !method.Name.Contains('<', StringComparison.Ordinal),
        _ => false,
    } && !(member is ConstructorInfo copy && copy.GetParameters() is [{ Name: "original" }]);

    /// <summary>What is protected concerns only those who can inherit.</summary>
    private static bool Inherits(MemberInfo member) => !member.DeclaringType!.IsSealed;

    private static bool IsRecord(Type type) => type.GetMethod("PrintMembers", Declared) is not null;

    private static bool IsSynthesized(Type type, Type i) => IsRecord(type) && i.IsGenericType && i.GetGenericTypeDefinition() == typeof(IEquatable<>);
}
