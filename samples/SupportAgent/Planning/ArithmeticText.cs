using System.Text.RegularExpressions;

namespace SupportAgent.Planning;

/// <summary>Finds an arithmetic expression in a question.</summary>
internal static partial class ArithmeticText
{
    private const RegexOptions Style = RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture;

    /// <summary>The expression, or null when the text is something else.</summary>
    public static string? Extract(string text)
    {
        Match asked = Asked().Match(text);
        string rest = InOperators(asked.Success ? text[asked.Length..] : text).Trim().TrimEnd('?', '=', '.', '!', ' ');

        // "Calculate …" is a calculation even when what follows is wrong: the tool then says what is wrong with it.
        bool commanded = asked.Success && asked.Groups["command"].Success && rest.Any(char.IsAsciiDigit);
        string first = rest.Split('?')[0].TrimEnd(' ', '=');
        return IsExpression(rest) ? rest : IsExpression(first) ? first : commanded ? rest : null;
    }

    private static bool IsExpression(string text) => Expression().IsMatch(text) && Operation().IsMatch(text);

    private static string InOperators(string text)
    {
        string result = PercentOf().Replace(text, "${number} / 100 * ");
        foreach ((string words, string symbol) in (ReadOnlySpan<(string, string)>)
            [
                ("to the power of", "^"), ("divided by", "/"), ("multiplied by", "*"), ("times", "*"), ("plus", "+"), ("minus", "-"), ("modulo", "%"),
                ("squared", "^2"), ("cubed", "^3"), ("the square root of ", "sqrt "),
            ])
        {
            result = result.Replace(words, symbol, StringComparison.OrdinalIgnoreCase);
        }

        return SquareRoot().Replace(result, "sqrt(${number})");
    }

    [GeneratedRegex(@"^\s*(please\s+)?((?<command>calculate|compute|evaluate)|(and )?what(('s| is)| does)|how much is|solve)\s+(equal\s+)?", Style, 1000)]
    private static partial Regex Asked();

    [GeneratedRegex(@"^([\d\s.,()+*/^%×÷·−-]|\b(sqrt|abs|round|floor|ceil|ln|log|exp|sin|cos|tan|min|max|pi|e)\b|(?<=\d)e[+-]?\d)+$", Style, 1000)]
    private static partial Regex Expression();

    [GeneratedRegex(@"[\d)]\s*[+*/^%×÷·−-]\s*[-−(\w]|\b(sqrt|abs|round|floor|ceil|ln|log|exp|sin|cos|tan|min|max)\s*\(", Style, 1000)]
    private static partial Regex Operation();

    [GeneratedRegex(@"(?<number>\d+(\.\d+)?)\s*(%|percent)\s+of\s+", Style, 1000)]
    private static partial Regex PercentOf();

    [GeneratedRegex(@"\bsqrt\s+(?<number>\d+(\.\d+)?)", Style, 1000)]
    private static partial Regex SquareRoot();
}
