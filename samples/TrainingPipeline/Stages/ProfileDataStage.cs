using TrainingPipeline.Datasets;

namespace TrainingPipeline.Stages;

/// <summary>Describes the columns, the target and how they hang together.</summary>
internal sealed class ProfileDataStage(AssetStore assets, Pace pace) : IStage
{
    public string Id => StageIds.ProfileData;

    public bool IsDone(PipelineContext context) => context.Profile is not null;

    public void Forget(PipelineContext context) => context.Profile = null;

    public async Task<StageOutcome> RunAsync(PipelineContext context, IPipelineOutput output, CancellationToken cancellationToken)
    {
        await ProgressAsync(output, "types", 0, cancellationToken);
        DataProfile profile = DataProfile.Of(context.Data!);

        await ProgressAsync(output, "target", 0.25, cancellationToken);
        string target = await assets.WriteJsonAsync(
            context.ProjectId, "target_distribution.json", new { target = context.Data!.Description.Target, counts = profile.TargetDistribution }, cancellationToken);
        await output.TargetDistributionReadyAsync(target, cancellationToken);

        await ProgressAsync(output, "missing", 0.5, cancellationToken);
        string missing = await assets.WriteJsonAsync(
            context.ProjectId, "missingness.json", profile.Columns.Select(c => new { column = c.Name, missing = c.Missing }), cancellationToken);
        await output.MissingnessTableReadyAsync(missing, cancellationToken);

        await ProgressAsync(output, "correlations", 0.75, cancellationToken);
        await assets.WriteJsonAsync(context.ProjectId, "profile.json", profile, cancellationToken);

        await ProgressAsync(output, "done", 1, cancellationToken);
        await output.ProfileSummaryAsync(profile, cancellationToken);
        context.Profile = profile;
        return StageOutcome.Complete(
            FormattableString.Invariant($"{profile.Rows} rows, {profile.MissingPercent:0.##} % missing, {profile.StrongCorrelations.Count} strong correlations."));
    }

    private async Task ProgressAsync(IPipelineOutput output, string phase, double pct, CancellationToken cancellationToken)
    {
        await output.ProfileProgressAsync(phase, pct, cancellationToken);
        await pace.AfterStepAsync(output, cancellationToken);
    }
}
