using System.Text;
using System.Text.RegularExpressions;

namespace HubService.Tests.House;

/// <summary>The lines in which two texts differ, as a person reads them: <c>-</c> kept, <c>+</c> now, one line of context before.</summary>
internal static partial class LineDiff
{
    private const int MaxLines = 60;

    /// <summary>How many lines apart the texts may be at one place.</summary>
    private const int Reach = 2000;

    public static string Of(string before, string after)
    {
        string[] old = before.Split('\n'), now = after.Split('\n');
        StringBuilder text = new();
        int lines = 0;
        bool same = true;
        foreach ((char sign, string line, int number) in Steps(old, now))
        {
            if (sign != ' ' && same && number > 1)
            {
                text.Append(System.Globalization.CultureInfo.InvariantCulture, $"line {number}{Inside(now, number)}:\n  {now[Math.Max(0, number - 2)]}\n");
            }

            if (sign != ' ' && ++lines <= MaxLines)
            {
                text.Append(sign).Append(' ').Append(line).Append('\n');
            }

            same = sign == ' ';
        }

        return lines > MaxLines ? text.Append(System.Globalization.CultureInfo.InvariantCulture, $"… and {lines - MaxLines} more lines\n").ToString() : text.ToString();
    }

    /// <summary>The definition that a line belongs to, in JSON or TypeScript.</summary>
    private static string Inside(string[] text, int number)
    {
        string? start = text.Take(number).LastOrDefault(l => Definition().IsMatch(l));
        return start is null ? "" : $", in {Definition().Match(start).Groups["name"].Value}";
    }

    [GeneratedRegex("""^(export (interface|const|type) (?<name>\w+)|\s{4,6}"(?!properties")(?<name>[\w.]+)": \{$)""", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Definition();

    /// <summary>Goes on in step where the texts agree; else finds the nearest place where two lines agree again.</summary>
    private static IEnumerable<(char Sign, string Line, int Number)> Steps(string[] old, string[] now)
    {
        int a = 0, b = 0;
        while (a < old.Length || b < now.Length)
        {
            if (a < old.Length && b < now.Length && old[a] == now[b])
            {
                a++;
                yield return (' ', now[b++], b);
                continue;
            }

            (int gone, int added) = Resume(old.AsSpan(a), now.AsSpan(b));
            for (int i = 0; i < gone; i++)
            {
                yield return ('-', old[a++], b + 1);
            }

            for (int i = 0; i < added; i++)
            {
                yield return ('+', now[b++], b);
            }
        }
    }

    private static (int Gone, int Added) Resume(ReadOnlySpan<string> old, ReadOnlySpan<string> now)
    {
        for (int away = 1; away <= Math.Min(Reach, old.Length + now.Length); away++)
        {
            for (int gone = Math.Max(0, away - now.Length); gone <= Math.Min(away, old.Length); gone++)
            {
                ReadOnlySpan<string> x = old[gone..], y = now[(away - gone)..];
                if ((x.IsEmpty && y.IsEmpty) || (!x.IsEmpty && !y.IsEmpty && x[0] == y[0] && (x.Length == 1 || y.Length == 1 || x[1] == y[1])))
                {
                    return (gone, away - gone);
                }
            }
        }

        return (old.Length, now.Length);
    }
}
