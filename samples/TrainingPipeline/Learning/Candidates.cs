namespace TrainingPipeline.Learning;

/// <summary>A model that could be trained.</summary>
internal sealed record Candidate(string Id, string Name, string Family, string Why, Hyperparameters Hyperparameters)
{
    public bool Learns => Hyperparameters.LearningRate > 0;

    /// <summary>What it will be trained with once a person's changes are applied; the baseline has nothing to change.</summary>
    public Hyperparameters With(HyperparameterChanges changes) => Learns ? changes.ApplyTo(Hyperparameters) : Hyperparameters;
}

/// <summary>The models this pipeline knows.</summary>
internal static class Candidates
{
    public const string BaselineId = "majority_baseline";

    public static IReadOnlyList<Candidate> All(int epochs, int batchSize) =>
    [
        new("logreg", "Logistic regression", "linear", "Fast, and every weight can be read.", new(0.1, 0.001, epochs, batchSize)),
        new("logreg_careful", "Logistic regression, small steps", "linear", "Short steps: a smoother descent.", new(0.01, 0.001, epochs, batchSize)),
        new("logreg_strong_l2", "Logistic regression, strong L2", "linear", "Shrinks what correlated features share.", new(0.1, 0.05, epochs, batchSize)),
        new("logreg_no_l2", "Logistic regression, no penalty", "linear", "What the data say without any shrinking.", new(0.3, 0, epochs, batchSize)),
        new(BaselineId, "Majority class", "baseline", "What every model has to beat.", new(0, 0, 1, batchSize)),
    ];
}
