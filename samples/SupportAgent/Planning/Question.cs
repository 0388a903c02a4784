using System.Text.RegularExpressions;
using SupportAgent.Documents;

namespace SupportAgent.Planning;

internal enum QuestionKind
{
    Documents,
    Section,
    Calculation,
    Time,
    Greeting,
    AboutAgent,
}

/// <summary>What kind of question it is, and the part of it that matters.</summary>
/// <param name="Subject">The expression, the place, the section or the words to search for; empty when the kind says all.</param>
/// <param name="Document">Where to find a section.</param>
internal sealed partial record Question(QuestionKind Kind, string Subject = "", string Document = "")
{
    private const RegexOptions Style = RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture;

    public static Question Classify(string text, IReadOnlyList<ChatTurn> history)
    {
        text = text.Trim();
        if (Greeting().IsMatch(text))
        {
            return new(QuestionKind.Greeting);
        }

        if (AboutAgent().IsMatch(text))
        {
            return new(QuestionKind.AboutAgent);
        }

        if (Section().Match(text) is { Success: true } section)
        {
            return new(QuestionKind.Section, section.Groups["section"].Value.Trim(), section.Groups["document"].Value);
        }

        if (Time().Match(text) is { Success: true } time)
        {
            return new(QuestionKind.Time, time.Groups["place"].Value.Trim());
        }

        return ArithmeticText.Extract(text) is { } expression ? new(QuestionKind.Calculation, expression) : new(QuestionKind.Documents, Query(text, history));
    }

    // "And how do I change it?" only makes sense together with what was asked before.
    private static string Query(string text, IReadOnlyList<ChatTurn> history) =>
        (FollowUp().IsMatch(text) || Words.Terms(text).Take(2).Count() < 2) && history.LastOrDefault(t => t.Role == "user") is { } before
            ? $"{text} {before.Text}"
            : text;

    [GeneratedRegex(@"^(hi|hello|hey|good (morning|afternoon|evening)|thanks?( you)?|thank you( very much)?|bye)( there| again)?\W*$", Style, 1000)]
    private static partial Regex Greeting();

    [GeneratedRegex(@"^(please )?help( me)?\W*$|\b(who|what) are you\b|\bwhat (can|could) (you|i ask)\b|\byour (name|tools|abilities)\b|\bwhat do you know\b", Style, 1000)]
    private static partial Regex AboutAgent();

    [GeneratedRegex(@"^(please )?(read|show|open|quote)( me)?( the)? section [""“']?(?<section>.+?)[""”']? (of|in|from) (the )?(?<document>[\w.-]+)\W*$", Style, 1000)]
    private static partial Regex Section();

    [GeneratedRegex(
        @"\bwhat time is it\b(.*?\bin (?<place>[\w/ -]+))?"
        + @"|\bwhat(('s| is) the)?( current)? (date|day)( is (it|today)| today)?\W*$"
        + @"|\b(what('s| is) the |tell me the )?(current |local )?(date|time)( (is it|now|right now|today))?( in (?<place>[\w/ -]+?))( now| right now)?\W*$"
        + @"|^(what('s| is) )?(the )?(current )?time( now| right now)?\W*$",
        Style,
        1000)]
    private static partial Regex Time();

    [GeneratedRegex(@"^(and|but|so|what about|how about)\b|\b(it|that|this|they|them|those)\b", Style, 1000)]
    private static partial Regex FollowUp();
}
