using System.Text;
using SupportAgent.Documents;
using SupportAgent.Tools;

namespace SupportAgent.Planning;

/// <summary>Puts an answer together from the parts of passages that match a query best; adds no word of its own to what they say.</summary>
internal sealed class AnswerComposer(Bm25Index index)
{
    private const int MaxBlocks = 4;

    private const double LeastShare = 0.6;

    /// <returns>Null when nothing in the passages matches.</returns>
    public AgentAnswer? Compose(string query, IReadOnlyList<PassageText> passages)
    {
        HashSet<string> terms = [.. Words.Terms(query)];
        Quote[] all = [.. passages.SelectMany((p, rank) => Quotes(p, rank, terms))];
        double best = all.Select(q => q.Score).DefaultIfEmpty().Max();
        if (best <= 0)
        {
            return null;
        }

        HashSet<Quote> chosen = [.. all.Where(q => q.Score >= LeastShare * best).OrderByDescending(q => q.Score).Take(MaxBlocks)];

        // A sentence that announces code is nothing without it.
        chosen.UnionWith(all.Where(q => q.Block.Kind == BlockKind.Code && chosen.Any(c => c.Rank == q.Rank && c.Position == q.Position - 1)));
        Quote[] ordered = [.. all.Where(chosen.Contains)];
        Citation[] citations = [.. ordered.Select(q => new Citation(q.Passage.Document, q.Passage.Section)).Distinct()];
        return new($"{Render(ordered)}\n\nSources: {string.Join("; ", citations.AsEnumerable())}", citations);
    }

    private IEnumerable<Quote> Quotes(PassageText passage, int rank, HashSet<string> terms)
    {
        // Words of the heading hold for every block below it, so they count less than its own.
        double heading = 0.6 * Words.Terms(passage.Section).Distinct().Where(terms.Contains).Sum(index.Weight);
        IReadOnlyList<Block> blocks = MarkdownBlocks.Split(passage.Text);
        return blocks.Select((block, position) =>
        {
            string[] words = [.. Words.Terms(block.Text)];
            double matched = words.Distinct().Where(terms.Contains).Sum(index.Weight);

            // What begins with the word that is asked for defines or names it.
            double begins = words.Take(2).Any(terms.Contains) ? 1.4 : position == 0 ? 1.1 : 1;
            double length = 1 + Math.Log(1 + (words.Length / 40.0));
            bool loneCode = block.Kind == BlockKind.Code && position > 0;
            double score = loneCode || matched + heading == 0 ? 0 : (matched + heading) * begins / length / (1 + (0.3 * rank));
            return new Quote(passage, rank, position, block, score);
        });
    }

    private static string Render(IEnumerable<Quote> quotes)
    {
        StringBuilder text = new();
        Quote? before = null;
        foreach (Quote quote in quotes)
        {
            bool sameParagraph = before is { Block.Kind: BlockKind.Sentence } && quote.Block.Kind == BlockKind.Sentence && before.Rank == quote.Rank;
            bool sameList = before is { Block.Kind: BlockKind.Item } && quote.Block.Kind == BlockKind.Item;
            text.Append(before is null ? "" : sameParagraph ? " " : sameList ? "\n" : "\n\n");
            text.Append(quote.Block.Kind switch
            {
                BlockKind.Item => $"- {quote.Block.Text}",
                BlockKind.Code => $"```\n{quote.Block.Text}\n```",
                _ => quote.Block.Text,
            });
            before = quote;
        }

        return text.ToString();
    }

    private sealed record Quote(PassageText Passage, int Rank, int Position, Block Block, double Score);
}
