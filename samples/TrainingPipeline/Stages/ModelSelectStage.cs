using System.Globalization;
using TrainingPipeline.Learning;

namespace TrainingPipeline.Stages;

/// <summary>Tries every candidate for a few epochs and selects the best, or the one a person asked for.</summary>
internal sealed class ModelSelectStage(PipelineOptions options, IReadOnlyList<Candidate> models, Pace pace, TimeProvider time) : IStage
{
    public string Id => StageIds.ModelSelect;

    public bool IsDone(PipelineContext context) => context.Model is not null;

    public void Forget(PipelineContext context) => (context.Model, context.Leaderboard) = (null, []);

    public async Task<StageOutcome> RunAsync(PipelineContext context, IPipelineOutput output, CancellationToken cancellationToken)
    {
        string metric = context.Intent!.Metric;
        await output.ModelCandidatesAsync(models, cancellationToken);
        foreach (Candidate candidate in models)
        {
            cancellationToken.ThrowIfCancellationRequested();
            context.Leaderboard = context.Leaderboard.Add(Trial.Run(candidate, context.Prepared!, options.TrialEpochs, options.Seed, time));
            await output.LeaderboardUpdatedAsync(context.Leaderboard, metric, cancellationToken);
            await pace.AfterStepAsync(output, cancellationToken);
        }

        Trial best = context.Leaderboard.OrderByDescending(t => t.Validation.Score(metric)).ThenBy(t => t.Validation.LogLoss).First();
        Candidate selected = models.First(m => m.Id == (context.ModelChoice ?? best.ModelId));
        await output.ModelSelectedAsync(selected.Id, cancellationToken);
        context.Model = selected;
        Trial baseline = context.Leaderboard.First(t => t.ModelId == Candidates.BaselineId);
        return StageOutcome.WaitForConfirmation(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{selected.Name}: the best of {models.Count} candidates by {metric} is {best.ModelId} with {best.Validation.Values[metric]:0.000} "
                + $"after {options.TrialEpochs} epochs (baseline {baseline.Validation.Values[metric]:0.000})."),
            $"Confirm to train {selected.Id}",
            "Choose another model in the chat (\"use logreg_strong_l2\") and restart this stage",
            "Change hyperparameters in the chat (\"learning rate 0.05\", \"train 300 epochs\")");
    }
}
