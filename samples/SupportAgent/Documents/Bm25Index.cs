using System.Text;

namespace SupportAgent.Documents;

/// <summary>
/// Ranks passages by the Okapi BM25 formula. What is compared is chunks of a few hundred characters, each with the words of its headings: in a
/// long passage, words that have nothing to do with each other would count as found together.
/// </summary>
internal sealed class Bm25Index
{
    private const double K1 = 1.2, B = 0.75;

    // A word in a heading says what all of the text below is about.
    private const int HeadingWeight = 2;

    private const int ChunkLength = 350;

    private readonly List<Entry> entries = [];
    private readonly Dictionary<string, int> frequencies = [];
    private readonly double averageLength;

    public Bm25Index(IEnumerable<Passage> passages)
    {
        foreach ((Passage passage, string chunk) in passages.SelectMany(Chunks))
        {
            Dictionary<string, int> counts = [];
            Count(counts, Words.Terms(chunk), 1);
            Count(counts, Words.Terms(passage.Section), HeadingWeight);
            Count(counts, Words.Terms(passage.Document), 1);
            entries.Add(new(passage, chunk, counts, counts.Values.Sum()));
            foreach (string term in counts.Keys)
            {
                frequencies[term] = frequencies.GetValueOrDefault(term) + 1;
            }
        }

        averageLength = entries.Count == 0 ? 1 : entries.Average(e => e.Length);
    }

    /// <summary>How much a term tells: the rarer, the more.</summary>
    public double Weight(string term)
    {
        int frequency = frequencies.GetValueOrDefault(term);
        return Math.Log(1 + ((entries.Count - frequency + 0.5) / (frequency + 0.5)));
    }

    /// <summary>The best passages, best first, each judged by its best chunk; empty when no word of the query occurs anywhere.</summary>
    public IReadOnlyList<SearchHit> Search(string query, int limit)
    {
        string[] terms = [.. Words.Terms(query).Distinct()];
        double total = terms.Sum(Weight);
        return
        [
            .. entries
                .Select(e => new SearchHit(e.Passage, e.Chunk, terms.Sum(t => Score(e, t)), terms.Where(e.Counts.ContainsKey).Sum(Weight) / total))
                .Where(h => h.Score > 0)
                .OrderByDescending(h => h.Score)
                .DistinctBy(h => h.Passage)
                .Take(limit),
        ];
    }

    private double Score(Entry entry, string term)
    {
        double count = entry.Counts.GetValueOrDefault(term);
        return Weight(term) * count * (K1 + 1) / (count + (K1 * (1 - B + (B * entry.Length / averageLength))));
    }

    private static IEnumerable<(Passage Passage, string Chunk)> Chunks(Passage passage)
    {
        StringBuilder chunk = new();
        foreach (Block block in MarkdownBlocks.Split(passage.Text))
        {
            if (chunk.Length > 0 && chunk.Length + block.Text.Length > ChunkLength)
            {
                yield return (passage, chunk.ToString());
                chunk.Clear();
            }

            chunk.Append(chunk.Length > 0 ? " " : "").Append(block.Text);
        }

        yield return (passage, chunk.ToString());
    }

    private static void Count(Dictionary<string, int> counts, IEnumerable<string> terms, int weight)
    {
        foreach (string term in terms)
        {
            counts[term] = counts.GetValueOrDefault(term) + weight;
        }
    }

    private sealed record Entry(Passage Passage, string Chunk, Dictionary<string, int> Counts, int Length);
}
