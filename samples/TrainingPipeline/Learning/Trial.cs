using TrainingPipeline.Datasets;
using TrainingPipeline.Evaluation;

namespace TrainingPipeline.Learning;

/// <summary>A row of the leaderboard: how well a model with certain hyperparameters did on the validation rows.</summary>
internal sealed record Trial(string ModelId, Hyperparameters Hyperparameters, ClassificationMetrics Validation, double RuntimeSeconds)
{
    /// <summary>Trains a candidate for a few epochs.</summary>
    public static Trial Run(Candidate candidate, PreparedData data, int epochs, int seed, TimeProvider time)
    {
        long started = time.GetTimestamp();
        Hyperparameters shortened = candidate.Hyperparameters with { Epochs = Math.Min(epochs, candidate.Hyperparameters.Epochs) };
        LogisticTrainer trainer = new(data.Train, shortened, seed);
        for (int epoch = 0; epoch < shortened.Epochs; epoch++)
        {
            trainer.RunEpoch();
        }

        ClassificationMetrics validation = ClassificationMetrics.Of(trainer.Model, data.Validation, data.Source.NegativeThenPositive());
        return new(candidate.Id, shortened, validation, time.GetElapsedTime(started).TotalSeconds);
    }
}
