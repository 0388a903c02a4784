using System.ComponentModel;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.Extensions.AI;
using SupportAgent.Documents;

namespace SupportAgent.Tools;

/// <summary>What the agent can do, for its own planner and for a language model alike.</summary>
internal sealed class SupportTools
{
    public const string SearchDocuments = "search_documents", ReadPassage = "read_passage", Calculate = "calculate", CurrentTime = "current_time";

    private const int MaxResults = 10, ExcerptLength = 160;

    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        TypeInfoResolver = new DefaultJsonTypeInfoResolver(),
    };

    private readonly DocumentLibrary library;
    private readonly Clock clock;

    public SupportTools(DocumentLibrary library, TimeProvider time)
    {
        (this.library, clock) = (library, new(time));
        Functions =
        [
            AIFunctionFactory.Create(Search, SearchDocuments, "Finds the passages of the documentation that match a few key words.", Json),
            AIFunctionFactory.Create(Read, ReadPassage, "Reads one section of a document in full.", Json),
            AIFunctionFactory.Create(Evaluate, Calculate, "Evaluates arithmetic: + - * / ^ % ( ) and functions such as sqrt, round, min, max, ln.", Json),
            AIFunctionFactory.Create(Now, CurrentTime, "The current date and time.", Json),
        ];
    }

    /// <summary>The same four tools, described for a language model.</summary>
    public IReadOnlyList<AIFunction> Functions { get; }

    public IReadOnlyList<SearchResult> Search(
        [Description("A few key words.")] string query, [Description("How many results, 1 to 10.")] int limit = 5) =>
    [
        .. library.Index.Search(query, Math.Clamp(limit, 1, MaxResults)).Select(h =>
            new SearchResult(h.Passage.Document, h.Passage.Section, Math.Round(h.Score, 3), Math.Round(h.Coverage, 3), Excerpt(h.Chunk))),
    ];

    /// <exception cref="ToolException">There is no such document or section.</exception>
    public PassageText Read([Description("The document's name.")] string document, [Description("The section's heading.")] string section)
    {
        if (library.Find(document, section) is { } passage)
        {
            return new(passage.Document, passage.Section, passage.Text);
        }

        string[] known = [.. library.Passages.Where(p => p.Document.Equals(document, StringComparison.OrdinalIgnoreCase)).Select(p => p.Section).Take(8)];
        throw new ToolException(known.Length > 0
            ? $"{document} has no section '{section}'; it has {string.Join(", ", known)}."
            : $"There is no document '{document}'; there are {string.Join(", ", library.Names.DefaultIfEmpty("none"))}.");
    }

    /// <exception cref="ToolException">It cannot be calculated.</exception>
    public static Calculation Evaluate([Description("For example (3 + 4) * 2^5")] string expression) =>
        new(expression, Calculator.Evaluate(expression));

    /// <exception cref="ToolException">There is no such zone.</exception>
    public ClockReading Now([Description("An IANA time zone such as Europe/Berlin; UTC if left out.")] string? zone = null) => clock.Read(zone);

    private static string Excerpt(string text)
    {
        string line = string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        return line.Length <= ExcerptLength ? line : line[..line.LastIndexOf(' ', ExcerptLength)] + " …";
    }
}

internal sealed record SearchResult(string Document, string Section, double Score, double Coverage, string Excerpt);

internal sealed record PassageText(string Document, string Section, string Text);

internal sealed record Calculation(string Expression, double Value);
