using SupportAgent.Tools;

namespace HubService.Tests.Samples.Support;

public class CalculatorTests
{
    [Theory]
    [InlineData("1 + 2 * 3", "7")]
    [InlineData("(1 + 2) * 3", "9")]
    [InlineData("10 - 4 - 3", "3")]
    [InlineData("2^3^2", "512")]
    [InlineData("-2^2", "-4")]
    [InlineData("2^-1", "0.5")]
    [InlineData("17 % 5 * 2", "4")]
    [InlineData("0.1 + 0.2", "0.3")]
    [InlineData("1e3 / 4", "250")]
    [InlineData("--3", "3")]
    [InlineData("6 ÷ 3 × 2 − 1", "3")]
    [InlineData("sqrt(16) + abs(-3)", "7")]
    [InlineData("round(2.345, 2) + round(0.5)", "3.35")]
    [InlineData("max(1, 2, min(9, 5))", "5")]
    [InlineData("log(1000) + ln(e)", "4")]
    [InlineData("2 * pi", "6.28318530717959")]
    public void Results(string expression, string expected) => Assert.Equal(expected, Calculator.Format(Calculator.Evaluate(expression)));

    [Theory]
    [InlineData("1 / 0", "division by zero")]
    [InlineData("5 % (2 - 2)", "division by zero")]
    [InlineData("sqrt(-1)", "no finite")]
    [InlineData("9^9^9^9", "no finite")]
    [InlineData("(1 + 2", "not closed")]
    [InlineData("1 +", "ends too early")]
    [InlineData("", "ends too early")]
    [InlineData("2 $ 3", "'$' at character 3")]
    [InlineData("system(1)", "no function 'system'")]
    [InlineData("sqrt(1, 2)", "one argument")]
    [InlineData("1.2.3", "did not expect|ends too early")]
    public void Faults(string expression, string fault)
    {
        string message = Assert.Throws<ToolException>(() => Calculator.Evaluate(expression)).Message;
        Assert.Contains(fault.Split('|'), f => message.Contains(f, StringComparison.OrdinalIgnoreCase));
    }

    [Theory]
    [InlineData('(')]
    [InlineData('-')]
    public void Hostile_input_is_refused_and_never_overflows_the_stack(char repeated)
    {
        Assert.Throws<ToolException>(() => Calculator.Evaluate(new string(repeated, 400) + "x"));
        Assert.Throws<ToolException>(() => Calculator.Evaluate(new string(repeated, 100_000)));
        Assert.Throws<ToolException>(() => Calculator.Evaluate(string.Concat(Enumerable.Repeat("1^", 240)) + "1"));
    }
}
