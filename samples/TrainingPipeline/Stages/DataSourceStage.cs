using TrainingPipeline.Datasets;

namespace TrainingPipeline.Stages;

/// <summary>Finds, loads and checks a data set.</summary>
internal sealed class DataSourceStage(DataSetCatalog catalog, AssetStore assets, Pace pace) : IStage
{
    private const int SampleRows = 10;

    public string Id => StageIds.DataSource;

    public bool IsDone(PipelineContext context) => context.Data is not null;

    public void Forget(PipelineContext context) => context.Data = null;

    public async Task<StageOutcome> RunAsync(PipelineContext context, IPipelineOutput output, CancellationToken cancellationToken)
    {
        IReadOnlyList<DataSetDescription> candidates = catalog.Candidates(context.Intent!);
        await output.DatasetCandidatesAsync(candidates, cancellationToken);
        await pace.AfterStepAsync(output, cancellationToken);

        DataSetDescription selected = candidates[0];
        await output.DatasetSelectedAsync(selected.Id, cancellationToken);
        DataSet data = catalog.Load(selected, context.Intent!);
        await pace.AfterStepAsync(output, cancellationToken);

        string[] columns = [.. data.FeatureNames, selected.Target];
        string sample = await assets.WriteJsonAsync(context.ProjectId, "sample.json", Sample(data, columns), cancellationToken);
        await output.DatasetSampleReadyAsync(sample, columns, data.Rows, cancellationToken);
        context.Data = data;
        return StageOutcome.WaitForConfirmation(
            $"{selected.Name} ({selected.Source}, {selected.Licence}): {data.Rows} rows, {data.FeatureNames.Count} features; to detect: {data.PositiveName}.",
            "Confirm to profile this data set",
            "Look at the sample first");
    }

    private static object Sample(DataSet data, string[] columns) => new
    {
        columns,
        rows = Enumerable.Range(0, Math.Min(SampleRows, data.Rows)).Select(row =>
            data.Features.Row(row).Select(v => double.IsNaN(v) ? null : (object)v).Append(data.ClassNames[data.Labels[row]]).ToArray()).ToArray(),
    };
}
