using TrainingPipeline.Learning;

namespace TrainingPipeline.Evaluation;

/// <summary>A feature's share of all weight, 0 to 1; comparable because the features are standardised.</summary>
/// <param name="Weight">Above 0 speaks for the positive class.</param>
internal sealed record FeatureImportance(string Feature, double Importance, double Weight)
{
    /// <summary>The most important first.</summary>
    public static IReadOnlyList<FeatureImportance> Of(LogisticModel model, IReadOnlyList<string> names)
    {
        double total = model.Weights.L1Norm();
        return
        [
            .. names.Select((name, i) => new FeatureImportance(name, total == 0 ? 0 : Math.Abs(model.Weights[i]) / total, model.Weights[i]))
                .OrderByDescending(f => f.Importance),
        ];
    }
}
