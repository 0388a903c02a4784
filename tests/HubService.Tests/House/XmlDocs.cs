using System.Reflection;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace HubService.Tests.House;

/// <summary>The doc comments of an assembly of ours, as the build writes them beside it.</summary>
internal sealed partial class XmlDocs(Assembly assembly)
{
    private readonly Dictionary<string, XElement> _members =
        XDocument.Load(Path.ChangeExtension(assembly.Location, ".xml")).Descendants("member").ToDictionary(m => m.Attribute("name")!.Value, StringComparer.Ordinal);

    /// <param name="member">As the compiler names it, e.g. <c>T:HubService.Streams.StreamOptions</c>.</param>
    public bool HasSummary(string member) => _members.TryGetValue(member, out XElement? doc) && doc.Element("summary") is not null;

    /// <summary>The summary as Markdown, on one line.</summary>
    public string Summary(string member)
    {
        XElement summary = _members.TryGetValue(member, out XElement? found) && found.Element("summary") is { } s
            ? s
            : throw new InvalidOperationException($"{member} has no comment; the README takes its meaning from there.");
        return Blanks().Replace(string.Concat(summary.Nodes().Select(n => n switch
        {
            XElement { Name.LocalName: "see" } see => $"`{see.Attribute("cref")!.Value.Split('.')[^1]}`",
            XElement e => $"`{e.Value}`",
            _ => n.ToString(),
        })), " ").Trim();
    }

    [GeneratedRegex(@"\s+", RegexOptions.None, 1000)]
    private static partial Regex Blanks();
}
