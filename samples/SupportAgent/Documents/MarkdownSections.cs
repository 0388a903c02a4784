using System.Text;

namespace SupportAgent.Documents;

/// <summary>Cuts a Markdown document at its headings.</summary>
internal static class MarkdownSections
{
    public static IEnumerable<Passage> Split(string document, string markdown)
    {
        List<(int Level, string Title)> path = [];
        StringBuilder text = new();
        bool inCode = false;
        foreach (string line in markdown.ReplaceLineEndings("\n").Split('\n'))
        {
            // A line with # inside a code block is a comment, not a heading.
            inCode ^= line.TrimStart().StartsWith("```", StringComparison.Ordinal);
            int level = inCode ? 0 : HeadingLevel(line);
            if (!inCode && line.StartsWith("<!--", StringComparison.Ordinal) && line.EndsWith("-->", StringComparison.Ordinal))
            {
                continue;
            }

            if (level == 0)
            {
                text.Append(line).Append('\n');
                continue;
            }

            if (Finish() is { } passage)
            {
                yield return passage;
            }

            path.RemoveAll(p => p.Level >= level);
            path.Add((level, line[level..].Trim().Trim('#').Trim()));
        }

        if (Finish() is { } last)
        {
            yield return last;
        }

        Passage? Finish()
        {
            string body = text.ToString().Trim();
            text.Clear();
            return body.Length == 0 ? null : new(document, path.Count == 0 ? document : string.Join(" › ", path.Select(p => p.Title)), body);
        }
    }

    private static int HeadingLevel(string line)
    {
        int level = line.TakeWhile(c => c == '#').Count();
        return level is > 0 and <= 6 && line.Length > level && line[level] == ' ' ? level : 0;
    }
}
