namespace TrainingPipeline.Chat;

/// <summary>Recognises metrics in running text.</summary>
internal static class MetricNames
{
    // Longer names first: "balanced accuracy" is not "accuracy".
    private static readonly (string Spoken, string Name)[] Known =
    [
        ("balanced accuracy", "balanced_accuracy"), ("balanced_accuracy", "balanced_accuracy"), ("average precision", "average_precision"),
        ("average_precision", "average_precision"), ("accuracy", "accuracy"), ("roc auc", "roc_auc"), ("roc_auc", "roc_auc"), ("auc", "roc_auc"),
        ("log loss", "log_loss"), ("log_loss", "log_loss"), ("loss", "log_loss"), ("precision", "precision"), ("recall", "recall"),
        ("sensitivity", "sensitivity"), ("specificity", "specificity"), ("f1", "f1"), ("mcc", "mcc"), ("matthews", "mcc"), ("kappa", "cohen_kappa"),
    ];

    /// <summary>The metric that the text names, or null.</summary>
    public static string? Find(string text) =>
        Known.FirstOrDefault(k => text.Contains(k.Spoken, StringComparison.OrdinalIgnoreCase)).Name;
}
