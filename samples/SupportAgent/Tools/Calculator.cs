using System.Globalization;

namespace SupportAgent.Tools;

/// <summary>
/// Evaluates arithmetic: <c>+ - * / ^ %</c> (remainder), parentheses, the constants pi and e, and the functions in <see cref="Functions"/>.
/// <c>^</c> binds tighter than a sign in front and to the right: −2^2 = −4, 2^3^2 = 512. Angles are in radians, log is to base 10.
/// </summary>
internal ref struct Calculator
{
    public const int MaxLength = 500, MaxDepth = 50;

    private readonly ReadOnlySpan<char> text;
    private int position;
    private int depth;

    private Calculator(ReadOnlySpan<char> text) => this.text = text;

    public static IReadOnlyDictionary<string, Func<double[], double>> Functions { get; } = new Dictionary<string, Func<double[], double>>
    {
        ["sqrt"] = a => Math.Sqrt(One(a)),
        ["abs"] = a => Math.Abs(One(a)),
        ["round"] = a => a.Length == 2 ? Math.Round(a[0], Digits(a[1]), MidpointRounding.AwayFromZero) : Math.Round(One(a), MidpointRounding.AwayFromZero),
        ["floor"] = a => Math.Floor(One(a)),
        ["ceil"] = a => Math.Ceiling(One(a)),
        ["ln"] = a => Math.Log(One(a)),
        ["log"] = a => Math.Log10(One(a)),
        ["exp"] = a => Math.Exp(One(a)),
        ["sin"] = a => Math.Sin(One(a)),
        ["cos"] = a => Math.Cos(One(a)),
        ["tan"] = a => Math.Tan(One(a)),
        ["min"] = a => a.Min(),
        ["max"] = a => a.Max(),
    };

    /// <exception cref="ToolException">It is not arithmetic, or has no finite result.</exception>
    public static double Evaluate(string expression)
    {
        if (expression.Length > MaxLength)
        {
            throw new ToolException($"An expression has at most {MaxLength} characters.");
        }

        Calculator calculator = new(expression);
        double value = calculator.Sum();
        calculator.SkipSpace();
        return calculator.position == calculator.text.Length ? Finite(value) : throw calculator.Unexpected();
    }

    /// <summary>As a person writes it: 15 digits, so that 0.1 + 0.2 is 0.3.</summary>
    public static string Format(double value) => value.ToString("G15", CultureInfo.InvariantCulture);

    private double Sum()
    {
        if (++depth > MaxDepth)
        {
            throw new ToolException("That is nested too deeply.");
        }

        double value = Product();
        while (true)
        {
            if (Take('+'))
            {
                value += Product();
            }
            else if (Take('-') || Take('−'))
            {
                value -= Product();
            }
            else
            {
                depth--;
                return value;
            }
        }
    }

    private double Product()
    {
        double value = Signed();
        while (true)
        {
            if (Take('*') || Take('×') || Take('·'))
            {
                value *= Signed();
            }
            else if (Take('/') || Take('÷'))
            {
                value /= NotZero(Signed());
            }
            else if (Take('%'))
            {
                value %= NotZero(Signed());
            }
            else
            {
                return value;
            }
        }
    }

    private double Signed()
    {
        // A loop, not a recursion: a thousand signs are no reason to overflow the stack.
        bool negative = false;
        while (true)
        {
            if (Take('-') || Take('−'))
            {
                negative = !negative;
            }
            else if (!Take('+'))
            {
                return negative ? -Power() : Power();
            }
        }
    }

    private double Power()
    {
        double value = Atom();
        if (!Take('^'))
        {
            return value;
        }

        depth++;
        double exponent = depth > MaxDepth ? throw new ToolException("That is nested too deeply.") : Signed();
        depth--;
        return Finite(Math.Pow(value, exponent));
    }

    private double Atom()
    {
        if (Take('('))
        {
            double value = Sum();
            return Take(')') ? value : throw new ToolException("A parenthesis is not closed.");
        }

        SkipSpace();
        int start = position;
        while (position < text.Length && char.IsAsciiLetter(text[position]))
        {
            position++;
        }

        return position > start ? Named(text[start..position].ToString().ToLowerInvariant()) : Number();
    }

    private double Named(string name)
    {
        if (name is "pi" or "e")
        {
            return name == "pi" ? Math.PI : Math.E;
        }

        if (!Functions.TryGetValue(name, out Func<double[], double>? function))
        {
            throw new ToolException($"There is no function '{name}'; known are {string.Join(", ", Functions.Keys)}.");
        }

        if (!Take('('))
        {
            throw new ToolException($"'{name}' needs parentheses.");
        }

        List<double> arguments = [Sum()];
        while (Take(','))
        {
            arguments.Add(Sum());
        }

        return Take(')') ? Finite(function([.. arguments])) : throw new ToolException("A parenthesis is not closed.");
    }

    private double Number()
    {
        int start = position;
        while (position < text.Length && (char.IsAsciiDigit(text[position]) || text[position] == '.'))
        {
            position++;
        }

        // 1e3, but not the constant in 2*e.
        if (position > start && position + 1 < text.Length && text[position] is 'e' or 'E'
            && (char.IsAsciiDigit(text[position + 1]) || (text[position + 1] is '+' or '-' && position + 2 < text.Length && char.IsAsciiDigit(text[position + 2]))))
        {
            position += 2;
            while (position < text.Length && char.IsAsciiDigit(text[position]))
            {
                position++;
            }
        }

        return double.TryParse(text[start..position], NumberStyles.Float, CultureInfo.InvariantCulture, out double value) ? value : throw Unexpected();
    }

    private bool Take(char expected)
    {
        SkipSpace();
        bool found = position < text.Length && text[position] == expected;
        position += found ? 1 : 0;
        return found;
    }

    private void SkipSpace()
    {
        while (position < text.Length && char.IsWhiteSpace(text[position]))
        {
            position++;
        }
    }

    private readonly ToolException Unexpected() =>
        new(position < text.Length ? $"I did not expect '{text[position]}' at character {position + 1}." : "The expression ends too early.");

    private static double One(double[] arguments) => arguments.Length == 1 ? arguments[0] : throw new ToolException("This function takes one argument.");

    private static int Digits(double digits) => digits is >= 0 and <= 15 ? (int)digits : throw new ToolException("round takes 0 to 15 digits.");

    private static double NotZero(double divisor) => divisor != 0 ? divisor : throw new ToolException("A division by zero has no result.");

    private static double Finite(double value) => double.IsFinite(value) ? value : throw new ToolException("That has no finite real result.");
}
