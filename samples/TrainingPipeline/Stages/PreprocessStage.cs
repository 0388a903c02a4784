using TrainingPipeline.Datasets;

namespace TrainingPipeline.Stages;

/// <summary>Splits the rows and standardises the features.</summary>
internal sealed class PreprocessStage(PipelineOptions options, Pace pace) : IStage
{
    public string Id => StageIds.Preprocess;

    public bool IsDone(PipelineContext context) => context.Prepared is not null;

    public void Forget(PipelineContext context) => context.Prepared = null;

    public async Task<StageOutcome> RunAsync(PipelineContext context, IPipelineOutput output, CancellationToken cancellationToken)
    {
        DataSet data = context.Data!;
        await output.PreprocessPlanAsync(Steps(context.Profile!), cancellationToken);
        await pace.AfterStepAsync(output, cancellationToken);

        PreparedData prepared = PreparedData.Of(data, options.TestSize, options.Seed);
        StratifiedSplit split = prepared.Split;
        await output.SplitSummaryAsync(split, options.Seed, cancellationToken);
        context.Prepared = prepared;
        return StageOutcome.Complete(
            $"{split.Train.Count} rows to train, {split.Validation.Count} to validate, {split.Test.Count} held out for the test.");
    }

    private object[] Steps(DataProfile profile) =>
    [
        new { op = "split", stratified = true, test_size = options.TestSize, val_size = options.TestSize, seed = options.Seed },
        new { op = "impute", strategy = "mean", columns = profile.Columns.Count(c => c.Missing > 0) },
        new { op = "scale", method = "standard", fitted_on = "train", columns = profile.Columns.Count },
    ];
}
