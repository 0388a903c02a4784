using System.Text.RegularExpressions;

namespace SupportAgent.Documents;

internal enum BlockKind
{
    Sentence,
    Item,
    Code,
}

/// <summary>The smallest part of a passage that can be quoted on its own.</summary>
internal sealed record Block(BlockKind Kind, string Text);

/// <summary>Cuts a passage into sentences, list items (table rows among them) and code.</summary>
internal static partial class MarkdownBlocks
{
    public static IReadOnlyList<Block> Split(string text)
    {
        List<Block> blocks = [];
        List<string> open = [];
        bool inCode = false;
        foreach (string line in text.Split('\n'))
        {
            string trimmed = line.Trim();
            if (trimmed.StartsWith("```", StringComparison.Ordinal))
            {
                Close(inCode ? BlockKind.Code : null);
                inCode = !inCode;
            }
            else if (inCode)
            {
                open.Add(line);
            }
            else if (trimmed.StartsWith('|'))
            {
                Close(null);
                AddRow(blocks, trimmed);
            }
            else if (trimmed.Length == 0 || ListItem().IsMatch(trimmed))
            {
                Close(null);
                if (trimmed.Length > 0)
                {
                    open.Add(trimmed);
                }
            }
            else
            {
                open.Add(trimmed);
            }
        }

        Close(inCode ? BlockKind.Code : null);
        return blocks;

        void Close(BlockKind? kind)
        {
            if (open.Count > 0)
            {
                string whole = string.Join(kind == BlockKind.Code ? '\n' : ' ', open);
                blocks.AddRange(
                    kind == BlockKind.Code ? [new(BlockKind.Code, whole)]
                    : ListItem().IsMatch(whole) ? [new(BlockKind.Item, ListItem().Replace(whole, ""))]
                    : SentenceEnd().Split(whole).Select(s => new Block(BlockKind.Sentence, s.TrimStart('>', ' '))));
                open.Clear();
            }
        }
    }

    private static void AddRow(List<Block> blocks, string line)
    {
        string[] cells = [.. line.Trim('|').Split('|').Select(c => c.Trim()).Where(c => c.Length > 0)];
        if (cells.Length > 0 && cells.Any(c => c.Any(char.IsLetterOrDigit)))
        {
            blocks.Add(new(BlockKind.Item, cells.Length == 1 ? cells[0] : $"{cells[0]}: {string.Join("; ", cells[1..])}"));
        }
    }

    [GeneratedRegex(@"^([-*+]|\d+[.)])\s+", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex ListItem();

    [GeneratedRegex(@"(?<=[.!?])\s+(?=[\p{Lu}`*""(])", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex SentenceEnd();
}
