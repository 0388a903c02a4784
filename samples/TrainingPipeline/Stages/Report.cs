using System.Globalization;
using System.Text;
using TrainingPipeline.Learning;

namespace TrainingPipeline.Stages;

/// <summary>The Markdown report of a project.</summary>
internal static class Report
{
    public static string Write(PipelineContext context)
    {
        TrainedRun run = context.Run!;
        Hyperparameters h = run.Hyperparameters;
        StringBuilder text = new();
        Line(text, $"# {context.Data!.Description.Name}: {run.ModelId}");
        Line(text, $"");
        Line(text, $"Goal: {context.Intent!.Text}");
        Line(text, $"Data: {context.Data.Description.Source}, {context.Data.Description.Licence}; {context.Data.Rows} rows.");
        Line(text, $"Training: learning rate {h.LearningRate}, L2 {h.L2}, {h.Epochs} epochs, batches of {h.BatchSize}; best epoch {run.BestEpoch}.");
        Line(text, $"");
        Line(text, $"| metric | validation | held out |");
        Line(text, $"|---|---|---|");
        foreach ((string name, double value) in run.Test.Values)
        {
            Line(text, $"| {name} | {run.Validation.Values[name]:0.0000} | {value:0.0000} |");
        }

        Line(text, $"");
        Line(text, $"| truth | said {run.Test.Labels[0]} | said {run.Test.Labels[1]} |");
        Line(text, $"|---|---|---|");
        Line(text, $"| {run.Test.Labels[0]} | {run.Test.Confusion.TrueNegatives} | {run.Test.Confusion.FalsePositives} |");
        Line(text, $"| {run.Test.Labels[1]} | {run.Test.Confusion.FalseNegatives} | {run.Test.Confusion.TruePositives} |");
        Line(text, $"");
        Line(text, $"Most important features: {string.Join(", ", run.Features.Take(5).Select(f => f.Feature))}.");
        foreach (string warning in context.Profile!.Warnings)
        {
            Line(text, $"Note: {warning}");
        }

        return text.ToString();
    }

    private static void Line(StringBuilder text, FormattableString line) => text.Append(line.ToString(CultureInfo.InvariantCulture)).Append('\n');
}
