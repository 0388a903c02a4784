namespace TrainingPipeline.Chat;

/// <summary>What a person wants from the pipeline.</summary>
/// <param name="TaskType">classification or regression.</param>
/// <param name="Target">What to predict; null when not said.</param>
/// <param name="Metric">A wire name of <c>CLASSIFICATION_METRICS_READY</c>.</param>
internal sealed record Intent(string Text, string TaskType, string? Target, string? DatasetHint, string Metric)
{
    public const string DefaultText = "Classify breast tumours as malignant or benign and optimise for accuracy.";
}
