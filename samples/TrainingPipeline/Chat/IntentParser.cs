using System.Text.RegularExpressions;

namespace TrainingPipeline.Chat;

/// <summary>Understands what a person wants to predict.</summary>
internal static partial class IntentParser
{
    private const RegexOptions Style = RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture;

    public static Intent Parse(string text)
    {
        string taskType = Regression().IsMatch(text) ? "regression" : "classification";
        Match target = Target().Match(text), data = DatasetHint().Match(text);
        return new(
            text,
            taskType,
            target.Success ? target.Groups["target"].Value.ToLowerInvariant() : null,
            data.Success ? data.Groups["name"].Value.ToLowerInvariant() : null,
            MetricNames.Find(text) ?? "accuracy");
    }

    /// <summary>True for a text that states a new goal.</summary>
    public static bool StatesGoal(string text) => Target().IsMatch(text) && Goal().IsMatch(text);

    [GeneratedRegex(@"\b(regression|forecast|how (much|many)|estimate the)\b", Style, 1000)]
    private static partial Regex Regression();

    // The class among the words after the verb wins ("predict whether a tumour is malignant"), else the first noun.
    [GeneratedRegex(
        @"\b(predict|classify|detect|diagnose|recogni[sz]e|find|spot)(?:ing)?\b"
        + @"(?:[^.?!]*?\b(?<target>malignant|benign)\b|\s+(?:(?:if|whether|which|the|an?)\s+)*(?<target>[\w-]+))",
        Style,
        1000)]
    private static partial Regex Target();

    [GeneratedRegex(@"^\s*(please\s+|i want to\s+|let'?s\s+|can you\s+)*(predict|classify|detect|diagnose|recogni[sz]e)\b", Style, 1000)]
    private static partial Regex Goal();

    [GeneratedRegex(@"\b(?:the|on|use|with)\s+(?:the\s+)?(?<name>[\w-]+(?:[ _](?:cancer|wisconsin))?)\s+(?:data ?set|data)\b", Style, 1000)]
    private static partial Regex DatasetHint();
}
