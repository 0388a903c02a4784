namespace SupportAgent.Documents;

/// <summary>The documents that the agent knows.</summary>
internal sealed class DocumentLibrary
{
    // What a decision record asks and what it leaves open reads like an answer and is none. It can still be read by its name.
    private static readonly string[] OpenEnded = [" › Question", " › When to look again"];

    public DocumentLibrary(IEnumerable<(string Name, string Markdown)> documents)
    {
        Passages = [.. documents.SelectMany(d => MarkdownSections.Split(d.Name, d.Markdown))];
        Index = new(Passages.Where(p => !OpenEnded.Any(e => p.Section.EndsWith(e, StringComparison.Ordinal))));
    }

    public IReadOnlyList<Passage> Passages { get; }

    public Bm25Index Index { get; }

    public IEnumerable<string> Names => Passages.Select(p => p.Document).Distinct();

    /// <summary>Every Markdown file of a directory; none if it does not exist.</summary>
    public static DocumentLibrary Load(string directory) => new(Directory.Exists(directory)
        ? Directory.EnumerateFiles(directory, "*.md").Order(StringComparer.Ordinal).Select(f => (Path.GetFileNameWithoutExtension(f), File.ReadAllText(f)))
        : []);

    /// <summary>The passage whose headings are, end with or contain the given ones, in this order of preference; null when there is none.</summary>
    public Passage? Find(string document, string section)
    {
        Passage[] inDocument = [.. Passages.Where(p => p.Document.Equals(WithoutExtension(document), StringComparison.OrdinalIgnoreCase))];
        return inDocument.FirstOrDefault(p => p.Section.Equals(section, StringComparison.OrdinalIgnoreCase))
            ?? inDocument.FirstOrDefault(p => p.Section.EndsWith(section, StringComparison.OrdinalIgnoreCase))
            ?? inDocument.FirstOrDefault(p => p.Section.Contains(section, StringComparison.OrdinalIgnoreCase));
    }

    private static string WithoutExtension(string name) => name.EndsWith(".md", StringComparison.OrdinalIgnoreCase) ? name[..^3] : name;
}
