using System.Reflection;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace HubService.Contracts.Schema;

/// <summary>The documentation comments of the contract as plain text, read from the file that the compiler writes beside the assembly.</summary>
internal sealed partial class ContractDocs
{
    private readonly Dictionary<string, XElement> _members;

    private ContractDocs(XDocument file) =>
        _members = file.Descendants("member").ToDictionary(m => m.Attribute("name")!.Value, StringComparer.Ordinal);

    /// <summary>Reads <c>HubService.Contracts.xml</c>, where the assembly lies.</summary>
    /// <exception cref="FileNotFoundException">The file was not deployed; generating needs it, serving does not.</exception>
    public static ContractDocs Load() => new(XDocument.Load(Path.ChangeExtension(typeof(ContractDocs).Assembly.Location, ".xml"), LoadOptions.PreserveWhitespace));

    public string? Of(Type type)
    {
        return Summary($"T:{Id(type)}");
    }

    public string? Of(PropertyInfo property)
    {
        return Summary($"P:{Id(property.DeclaringType!)}.{property.Name}");
    }

    public string? Of(MethodInfo method) => Method(method) is { } member ? Text(member.Element("summary")) : null;

    public string? Of(ParameterInfo parameter) =>
        Text(Method((MethodInfo)parameter.Member)?.Elements("param").FirstOrDefault(p => p.Attribute("name")?.Value == parameter.Name));

    public string? OfConstant(FieldInfo constant)
    {
        return Summary($"F:{Id(constant.DeclaringType!)}.{constant.Name}");
    }

    private string? Summary(string id) => _members.TryGetValue(id, out XElement? member) ? Text(member.Element("summary")) : null;

    /// <summary>No interface of the contract has two methods of one name.</summary>
    private XElement? Method(MethodInfo method)
    {
        string id = $"M:{Id(method.DeclaringType!)}.{method.Name}";
        return _members.TryGetValue(id, out XElement? bare) ? bare
            : _members.FirstOrDefault(m => m.Key.StartsWith(id + "(", StringComparison.Ordinal)).Value;
    }

    private static string Id(Type type) => (type.IsGenericType ? type.GetGenericTypeDefinition() : type).FullName!;

    private static string? Text(XElement? element)
    {
        if (element is null)
        {
            return null;
        }

        string text = Spaces().Replace(string.Concat(element.Nodes().Select(Text)), " ").Trim();
        return text.Length == 0 ? null : text;
    }

    private static string Text(XNode node) => node switch
    {
        XElement { Name.LocalName: "see" } see => $"`{Name(see.Attribute("cref")?.Value ?? see.Attribute("langword")?.Value ?? see.Value)}`",
        XElement { Name.LocalName: "paramref" } p => $"`{ContractNames.ToWire(p.Attribute("name")!.Value)}`",
        XElement { Name.LocalName: "c" } c => $"`{c.Value}`",
        XElement e => string.Concat(e.Nodes().Select(Text)),
        XText t => t.Value,
        _ => "",
    };

    /// <summary><c>P:HubService.Contracts.Agents.SendMessage.Target</c> becomes <c>SendMessage.target</c>.</summary>
    private static string Name(string cref)
    {
        string[] parts = cref.Split('(')[0].Split('`')[0].Split('.');
        return cref.StartsWith("P:", StringComparison.Ordinal) ? $"{parts[^2]}.{ContractNames.ToWire(parts[^1])}" : parts[^1];
    }

    [GeneratedRegex(@"\s+", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Spaces();
}
