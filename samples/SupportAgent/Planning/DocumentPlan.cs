using SupportAgent.Documents;
using SupportAgent.Tools;

namespace SupportAgent.Planning;

/// <summary>Search, read the best passages, quote what answers the question.</summary>
internal sealed class DocumentPlan(DocumentLibrary library, SupportTools tools)
{
    private const int Results = 5, MaxPassages = 3, Thoughts = 3;

    // Below this share of the query, the best match is an accident of one common word.
    private const double LeastCoverage = 0.34;

    private const double LeastShareOfBest = 0.7;

    public async Task<AgentAnswer> AnswerAsync(string query, Steps steps)
    {
        string[] words = [.. Words.Terms(query).Distinct()];
        await steps.ThinkAsync($"A question for the documents. I look for: {string.Join(", ", words.DefaultIfEmpty("nothing in particular"))}.", 1, Thoughts);
        IReadOnlyList<SearchResult> found = await steps.ToolAsync(
            SupportTools.SearchDocuments, new { query, limit = Results }, () => tools.Search(query, Results), "Find the passages that speak of it");
        if (found.Count == 0 || found[0].Coverage < LeastCoverage)
        {
            return await GiveUpAsync(found, steps);
        }

        SearchResult[] best = [.. found.Where(f => f.Score >= LeastShareOfBest * found[0].Score).Take(MaxPassages)];
        string names = string.Join("; ", best.Select(b => $"{b.Document} › {b.Section}"));
        await steps.ThinkAsync($"Most promising: {names}. I read {(best.Length == 1 ? "it" : "them")}.", 2, Thoughts);
        List<PassageText> passages = [];
        foreach (SearchResult result in best)
        {
            passages.Add(await steps.ToolAsync(
                SupportTools.ReadPassage,
                new { document = result.Document, section = result.Section },
                () => tools.Read(result.Document, result.Section),
                "Read the passage in full"));
        }

        await steps.ThinkAsync("I pick the sentences that answer the question and say where they stand.", 3, Thoughts);
        return new AnswerComposer(library.Index).Compose(query, passages) ?? await GiveUpAsync(found, steps);
    }

    private static async Task<AgentAnswer> GiveUpAsync(IReadOnlyList<SearchResult> found, Steps steps)
    {
        await steps.ThinkAsync("Nothing there answers it, and I do not guess.", Thoughts, Thoughts);
        string near = string.Join("; ", found.Take(3).Select(f => $"{f.Document} › {f.Section}"));
        return new("I found nothing about that in the documents." + (near.Length > 0 ? $" The nearest sections are: {near}." : ""), []);
    }
}
