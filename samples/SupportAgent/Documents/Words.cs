using System.Text.RegularExpressions;

namespace SupportAgent.Documents;

/// <summary>Turns text into the terms that are compared: lower case, without endings, identifiers whole and in parts.</summary>
internal static partial class Words
{
    private const string StopWords =
        "a about all an and any are as at be been by can could do does for from get give had happen happens has have how i if in into "
        + "is it its just like many me mean means much my no not of off on or our out please should so tell than that the their them "
        + "then there these they this to up us use used uses using was we were what when where which who why will with work works would "
        + "you your";

    private static readonly HashSet<string> Stop = [.. StopWords.Split(' ')];

    /// <summary>Every term, in order, stop words left out.</summary>
    public static IEnumerable<string> Terms(string text)
    {
        foreach (Match match in Word().Matches(text))
        {
            string word = match.Value.Trim('_');
            string[] parts = [.. Part().Matches(word).Select(p => p.Value.ToLowerInvariant())];
            if (parts.Length > 1)
            {
                yield return Stem(word.ToLowerInvariant());
            }

            foreach (string part in parts.Where(p => !Stop.Contains(p)))
            {
                yield return Stem(part);
            }
        }
    }

    /// <summary>Takes off the commonest English endings, so that "replays", "replayed" and "replaying" meet.</summary>
    public static string Stem(string word)
    {
        string stem = word switch
        {
            _ when Ends("ies", 3) => word[..^3] + "y",
            _ when Ends("sses", 2) || Ends("shes", 3) || Ends("ches", 3) || Ends("xes", 2) => word[..^2],
            _ when Ends("s", 3) && !word.EndsWith("ss", StringComparison.Ordinal) && !word.EndsWith("us", StringComparison.Ordinal) => word[..^1],
            _ => word,
        };
        string shorter = stem switch
        {
            _ when stem.Length > 6 && stem.EndsWith("ation", StringComparison.Ordinal) => stem[..^3] + "e",
            _ when stem.Length > 5 && stem.EndsWith("ing", StringComparison.Ordinal) => stem[..^3],
            _ when stem.Length > 4 && stem.EndsWith("ed", StringComparison.Ordinal) => stem[..^2],
            _ => stem,
        };
        if (shorter.Length > 3 && shorter.Length < stem.Length && shorter[^1] == shorter[^2] && shorter[^1] is not ('l' or 's' or 'e'))
        {
            shorter = shorter[..^1];
        }

        return shorter.Length > 4 && shorter[^1] == 'e' ? shorter[..^1] : shorter;

        bool Ends(string ending, int least) => word.Length >= ending.Length + least && word.EndsWith(ending, StringComparison.Ordinal);
    }

    [GeneratedRegex(@"[\p{L}\p{Nd}_]+", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Word();

    [GeneratedRegex(@"\p{Lu}+(?!\p{Ll})|\p{Lu}?\p{Ll}+|\p{Nd}+|\p{Lo}+", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Part();
}
