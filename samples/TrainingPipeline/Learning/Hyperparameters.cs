namespace TrainingPipeline.Learning;

/// <summary>How to train. A learning rate of 0 leaves the model at the share of the positive class, which is the baseline.</summary>
/// <param name="L2">Strength of the penalty <c>L2 / 2 · |weights|²</c>.</param>
internal sealed record Hyperparameters(double LearningRate, double L2, int Epochs, int BatchSize);

/// <summary>What a person asked to be different in the next training run; null where nothing was asked.</summary>
internal sealed record HyperparameterChanges(double? LearningRate = null, double? L2 = null, int? Epochs = null)
{
    public const double MaxLearningRate = 10, MaxL2 = 10;

    public const int MaxEpochs = 5_000;

    public bool IsEmpty => this is { LearningRate: null, L2: null, Epochs: null };

    /// <summary>Null when usable, else what is wrong.</summary>
    public string? Fault() => this switch
    {
        { LearningRate: { } rate } when !(rate is > 0 and <= MaxLearningRate) => $"learning_rate must be above 0 and at most {MaxLearningRate}",
        { L2: { } l2 } when !(l2 is >= 0 and <= MaxL2) => $"l2 must be between 0 and {MaxL2}",
        { Epochs: { } epochs } when epochs is < 1 or > MaxEpochs => $"epochs must be between 1 and {MaxEpochs}",
        _ => null,
    };

    /// <summary>These changes, with later ones on top.</summary>
    public HyperparameterChanges Then(HyperparameterChanges later) =>
        new(later.LearningRate ?? LearningRate, later.L2 ?? L2, later.Epochs ?? Epochs);

    public Hyperparameters ApplyTo(Hyperparameters chosen) => chosen with
    {
        LearningRate = LearningRate ?? chosen.LearningRate,
        L2 = L2 ?? chosen.L2,
        Epochs = Epochs ?? chosen.Epochs,
    };

    public override string ToString() => string.Join(", ", Parts());

    private IEnumerable<string> Parts()
    {
        if (LearningRate is { } rate)
        {
            yield return FormattableString.Invariant($"learning rate {rate}");
        }

        if (L2 is { } l2)
        {
            yield return FormattableString.Invariant($"L2 {l2}");
        }

        if (Epochs is { } epochs)
        {
            yield return FormattableString.Invariant($"{epochs} epochs");
        }
    }
}
