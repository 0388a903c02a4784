namespace SupportAgent.Documents;

/// <summary>A piece of a document under one heading.</summary>
/// <param name="Document">The file's name without its extension.</param>
/// <param name="Section">The headings down to it, joined by <c> › </c>.</param>
internal sealed record Passage(string Document, string Section, string Text);

/// <summary>A passage that matches a query.</summary>
/// <param name="Chunk">The part of it that matches best.</param>
/// <param name="Score">BM25; only comparable within one search.</param>
/// <param name="Coverage">The share of the query that the chunk contains, 0 to 1, rare words counting more.</param>
internal sealed record SearchHit(Passage Passage, string Chunk, double Score, double Coverage);
