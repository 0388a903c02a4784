using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using TrainingPipeline.Learning;

namespace TrainingPipeline.Chat;

/// <summary>Reads hyperparameters from sentences and from command arguments.</summary>
internal static partial class HyperparameterText
{
    private const RegexOptions Style = RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture;

    /// <summary>What "use a learning rate of 0.05", "lr=0.05", "train 300 epochs" or "l2 0.01" ask for.</summary>
    public static HyperparameterChanges FromText(string text) =>
        new(
            Number(LearningRate().Match(text)),
            Number(L2().Match(text)),
            Number(Epochs().Match(text)) is { } epochs ? (int)Math.Clamp(epochs, int.MinValue, int.MaxValue) : null);

    /// <summary>What <c>{learning_rate?, l2?, epochs?}</c> asks for; <paramref name="fault"/> names the field that is wrong.</summary>
    public static HyperparameterChanges FromArguments(JsonObject? arguments, out string? fault)
    {
        fault = arguments?.FirstOrDefault(a => a.Key is not ("learning_rate" or "l2" or "epochs")).Key is { } unknown
            ? $"there is no hyperparameter '{unknown}'; known are learning_rate, l2 and epochs"
            : null;
        HyperparameterChanges changes = new(
            Read<double>(arguments, "learning_rate", ref fault), Read<double>(arguments, "l2", ref fault), Read<int>(arguments, "epochs", ref fault));
        fault ??= changes.IsEmpty ? "give at least one of learning_rate, l2 and epochs" : changes.Fault();
        return changes;
    }

    private static T? Read<T>(JsonObject? arguments, string name, ref string? fault)
        where T : struct
    {
        if (arguments?[name] is not { } node)
        {
            return null;
        }

        if (node is JsonValue value && value.TryGetValue(out T number))
        {
            return number;
        }

        // An object made in this process may hold an int where a double is wanted.
        if (typeof(T) == typeof(double) && node is JsonValue whole && whole.TryGetValue(out int integer))
        {
            return (T)(object)(double)integer;
        }

        fault ??= $"{name} must be a number";
        return null;
    }

    private static double? Number(Match match) =>
        match.Success && double.TryParse(match.Groups["number"].Value, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) ? value : null;

    [GeneratedRegex(@"\b(learning[ _-]?rate|lr|step size)\b\s*(of|to|is|=|:)?\s*(?<number>-?\d*\.?\d+(e-?\d+)?)", Style, 1000)]
    private static partial Regex LearningRate();

    [GeneratedRegex(@"\b(l2|regulari[sz]ation|penalty)\b\s*(of|to|is|=|:)?\s*(?<number>-?\d*\.?\d+(e-?\d+)?)", Style, 1000)]
    private static partial Regex L2();

    [GeneratedRegex(@"(?<number>-?\d+)\s+(more\s+)?epochs?\b|\bepochs?\b\s*(of|to|is|=|:)?\s*(?<number>-?\d+)", Style, 1000)]
    private static partial Regex Epochs();
}
