using System.Globalization;
using System.Text;
using CsvHelper;
using MathNet.Numerics.LinearAlgebra;
using TrainingPipeline.Datasets;

namespace TrainingPipeline.Stages;

/// <summary>What stands in the exported files.</summary>
internal static class ExportContent
{
    public const string ReadMe =
        """
        This archive holds a logistic regression. To use it: z = Σ weights[i] · (features[i] − means[i]) / deviations[i] + bias, and the
        probability of the positive class is 1 / (1 + e^−z). model.json has these numbers in the order of its features, metrics.json how good
        they are, predictions.csv the answer for every held-out row (numbered as in the data set, from 0). Never used for a diagnosis: it is a sample.


        """;

    public static object Model(PipelineContext context)
    {
        TrainedRun run = context.Run!;
        Standardiser scaler = context.Prepared!.Standardiser;
        return new
        {
            run.RunId,
            run.ModelId,
            target = context.Data!.Description.Target,
            classes = run.Test.Labels,
            positive_class = run.Test.Labels[1],
            features = context.Data.FeatureNames,
            weights = run.Model.Weights.ToArray(),
            run.Model.Bias,
            scaler = new { scaler.Means, scaler.Deviations },
            threshold = 0.5,
            hyperparameters = PipelineEvents.Describe(run.Hyperparameters),
        };
    }

    public static object Metrics(PipelineContext context)
    {
        TrainedRun run = context.Run!;
        return new
        {
            run.RunId,
            best_epoch = run.BestEpoch,
            held_out = run.Test.Values,
            validation = run.Validation.Values,
            labels = run.Test.Labels,
            confusion_matrix = run.Test.Confusion.Rows(),
        };
    }

    public static byte[] Predictions(PipelineContext context)
    {
        TrainedRun run = context.Run!;
        PreparedData data = context.Prepared!;
        Vector<double> probabilities = run.Model.Probabilities(data.Test.Features);
        using StringWriter writer = new(CultureInfo.InvariantCulture);
        using (CsvWriter csv = CsvWriter.Create(writer, new CsvWriterOptions { NewLine = "\n" }, leaveOpen: true))
        {
            csv.WriteHeader("row", "actual", "predicted", "probability");
            foreach ((int i, int row) in data.Split.Test.Index())
            {
                csv.WriteField(row);
                csv.WriteField(data.Source.ClassNames[data.Source.Labels[row]]);
                csv.WriteField(run.Test.Labels[probabilities[i] >= 0.5 ? 1 : 0]);
                csv.WriteField(probabilities[i]);
                csv.EndRecord();
            }
        }

        return Encoding.UTF8.GetBytes(writer.ToString());
    }
}
