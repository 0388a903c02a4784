namespace SupportAgent.Documents;

/// <summary>Ranks passages by the Okapi BM25 formula; a word in a heading counts like several in the text.</summary>
internal sealed class Bm25Index
{
    private const double K1 = 1.2, B = 0.75;

    private const int HeadingWeight = 3;

    private readonly List<(Passage Passage, Dictionary<string, int> Counts, int Length)> entries = [];
    private readonly Dictionary<string, int> frequencies = [];
    private readonly double averageLength;

    public Bm25Index(IEnumerable<Passage> passages)
    {
        foreach (Passage passage in passages)
        {
            Dictionary<string, int> counts = [];
            Count(counts, Words.Terms(passage.Text), 1);
            Count(counts, Words.Terms(passage.Section), HeadingWeight);
            Count(counts, Words.Terms(passage.Document), 1);
            entries.Add((passage, counts, counts.Values.Sum()));
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

    /// <summary>The best matches, best first; empty when no word of the query occurs anywhere.</summary>
    public IReadOnlyList<SearchHit> Search(string query, int limit)
    {
        string[] terms = [.. Words.Terms(query).Distinct()];
        double total = terms.Sum(Weight);
        return
        [
            .. entries
                .Select(e => new SearchHit(e.Passage, terms.Sum(t => Score(e.Counts, e.Length, t)), terms.Where(e.Counts.ContainsKey).Sum(Weight) / total))
                .Where(h => h.Score > 0)
                .OrderByDescending(h => h.Score)
                .Take(limit),
        ];
    }

    private double Score(Dictionary<string, int> counts, int length, string term)
    {
        double count = counts.GetValueOrDefault(term);
        return Weight(term) * count * (K1 + 1) / (count + (K1 * (1 - B + (B * length / averageLength))));
    }

    private static void Count(Dictionary<string, int> counts, IEnumerable<string> terms, int weight)
    {
        foreach (string term in terms)
        {
            counts[term] = counts.GetValueOrDefault(term) + weight;
        }
    }
}
