using System.IO.Compression;
using System.Security.Cryptography;
using System.Text.Json;
using TrainingPipeline;

namespace HubService.Tests.Samples.Training;

public class PipelineTests
{
    [Fact(Timeout = 60_000)]
    public async Task All_eight_stages_publish_their_events_in_order()
    {
        await using TrainingFixture fixture = new();
        await fixture.WalkAsync();

        string[] once =
        [
            "PROMPT_PARSED", "DATASET_CANDIDATES", "DATASET_SELECTED", "DATASET_SAMPLE_READY", "TARGET_DISTRIBUTION_READY", "MISSINGNESS_TABLE_READY",
            "PROFILE_SUMMARY", "PREPROCESS_PLAN", "SPLIT_SUMMARY", "MODEL_CANDIDATES", "MODEL_SELECTED", "TRAIN_RUN_STARTED", "EVALUATION_STARTED",
            "CLASSIFICATION_METRICS_READY", "CONFUSION_MATRIX_READY", "ROC_CURVE_READY", "PRECISION_RECALL_CURVE_READY", "FEATURE_IMPORTANCE_READY",
            "EVALUATION_COMPLETE", "TRAIN_RUN_FINISHED", "REPORT_READY", "EXPORT_READY",
        ];
        Assert.Equal(once, fixture.Output.Names.Where(once.Contains));
        Assert.Equal(
            [StageIds.DataSource, StageIds.ModelSelect, StageIds.ReviewEdit],
            fixture.Output.Of("WAITING_CONFIRMATION").Select(w => w.GetProperty("stage_id").GetString()));
        Assert.Equal(StageIds.Export, fixture.Output.Of("STAGE_STATUS").Last(s => s.GetProperty("status").GetString() == "COMPLETED").GetProperty("stage_id").GetString());
        Assert.DoesNotContain(fixture.Output.Of("STAGE_STATUS"), s => s.GetProperty("status").GetString() == "FAILED");
    }

    [Fact(Timeout = 60_000)]
    public async Task The_model_is_right_on_rows_it_has_never_seen()
    {
        await using TrainingFixture fixture = new();
        await fixture.WalkAsync(StageIds.Train);
        JsonElement metrics = fixture.Output.One("CLASSIFICATION_METRICS_READY");
        Assert.True(metrics.GetProperty("accuracy").GetDouble() >= 0.93);
        Assert.True(metrics.GetProperty("roc_auc").GetDouble() >= 0.98);
        Assert.Equal(["benign", "malignant"], metrics.GetProperty("class_labels").EnumerateArray().Select(l => l.GetString()!));

        JsonElement confusion = fixture.Output.One("CONFUSION_MATRIX_READY");
        int[][] matrix = confusion.GetProperty("matrix").Deserialize<int[][]>()!;
        Assert.Equal(113, matrix.Sum(r => r.Sum()));
        Assert.Equal(metrics.GetProperty("accuracy").GetDouble(), (matrix[0][0] + matrix[1][1]) / 113.0, 1e-12);
        Assert.True(File.Exists(fixture.PathOf(confusion)));
    }

    [Fact(Timeout = 60_000)]
    public async Task The_same_seed_gives_the_same_numbers()
    {
        await using TrainingFixture first = new(), second = new(), other = new(o => o.Seed = 7);
        foreach (TrainingFixture fixture in (TrainingFixture[])[first, second, other])
        {
            await fixture.WalkAsync(StageIds.Train);
        }

        Assert.Equal(Metrics(first), Metrics(second));
        Assert.NotEqual(Metrics(first), Metrics(other));

        static string Metrics(TrainingFixture fixture) => string.Join('\n', fixture.Output.Of("METRIC_SCALAR"));
    }

    [Fact(Timeout = 60_000)]
    public async Task The_archive_is_what_its_checksum_says_and_its_model_repeats_the_predictions()
    {
        await using TrainingFixture fixture = new();
        await fixture.WalkAsync();
        JsonElement ready = fixture.Output.One("EXPORT_READY");
        byte[] bytes = await File.ReadAllBytesAsync(fixture.PathOf(ready));
        Assert.Equal("sha256:" + Convert.ToHexStringLower(SHA256.HashData(bytes)), ready.GetProperty("checksum").GetString());

        using ZipArchive zip = new(new MemoryStream(bytes));
        Assert.Equal(ready.GetProperty("contents").EnumerateArray().Select(c => c.GetString()), zip.Entries.Select(e => e.FullName));
        JsonElement model = JsonDocument.Parse(zip.GetEntry("model.json")!.Open()).RootElement;
        string[][] predictions = [.. new StreamReader(zip.GetEntry("predictions.csv")!.Open()).ReadToEnd().TrimEnd('\n').Split('\n').Skip(1).Select(l => l.Split(','))];
        Assert.Equal(113, predictions.Length);
        string[] rows = await File.ReadAllLinesAsync(Path.Combine(fixture.Options.DataDirectory, "breast_cancer.csv"));
        double[] weights = model.GetProperty("weights").Deserialize<double[]>()!;
        double[] means = model.GetProperty("scaler").GetProperty("means").Deserialize<double[]>()!;
        double[] deviations = model.GetProperty("scaler").GetProperty("deviations").Deserialize<double[]>()!;
        foreach (string[] prediction in predictions)
        {
            // As the archive's README tells its reader to do.
            double[] x = [.. rows[int.Parse(prediction[0], null) + 1].Split(',').Select(v => double.Parse(v, null))];
            double z = model.GetProperty("bias").GetDouble() + Enumerable.Range(0, 30).Sum(i => weights[i] * (x[i] - means[i]) / deviations[i]);
            Assert.Equal(double.Parse(prediction[3], null), 1 / (1 + Math.Exp(-z)), 1e-9);
            Assert.Equal(x[30] == 0 ? "malignant" : "benign", prediction[1]);
        }
    }

    [Fact(Timeout = 60_000)]
    public async Task A_stage_after_a_restart_of_the_process_gets_its_input_again_and_says_so()
    {
        await using TrainingFixture fixture = new(o => o.Epochs = 20);
        await fixture.StartAsync(StageIds.Export);
        Assert.Equal(7, fixture.Output.Of("LOG_LINE").Count(l => l.GetProperty("text").GetString()!.Contains("computing it again", StringComparison.Ordinal)));
        Assert.DoesNotContain("TRAIN_RUN_STARTED", fixture.Output.Names);
        Assert.True(File.Exists(fixture.PathOf(fixture.Output.One("EXPORT_READY"))));
    }

    [Fact(Timeout = 60_000)]
    public async Task A_restarted_stage_uses_what_came_before_and_drops_what_came_after()
    {
        await using TrainingFixture fixture = new(o => o.Epochs = 20);
        await fixture.WalkAsync();
        await fixture.StartAsync(StageIds.Train);
        Assert.Equal(["run_1", "run_2"], fixture.Output.Of("TRAIN_RUN_FINISHED").Select(f => f.GetProperty("run_id").GetString()));
        Assert.Equal(2, fixture.Output.Of("REPORT_READY").Count());
        Assert.Single(fixture.Output.Of("DATASET_SELECTED"));
        Assert.Null(fixture.Context.Export);
    }

    [Fact(Timeout = 60_000)]
    public async Task Without_a_goal_the_first_stage_asks_for_one()
    {
        await using TrainingFixture fixture = new();
        await fixture.StartAsync(StageIds.ParseIntent);
        Assert.Equal(StageIds.ParseIntent, fixture.Output.One("WAITING_CONFIRMATION").GetProperty("stage_id").GetString());
        await fixture.Driver.ChatAsync("Detect malignant tumours, best recall");
        await fixture.Driver.Idle;
        Assert.Equal("malignant", fixture.Output.One("PROMPT_PARSED").GetProperty("target").GetString());
        Assert.Equal(StageIds.DataSource, fixture.Output.Of("WAITING_CONFIRMATION").Last().GetProperty("stage_id").GetString());
    }

    [Theory]
    [InlineData("..")]
    [InlineData(".")]
    [InlineData("a/../../b")]
    public async Task A_project_never_writes_outside_its_folder(string projectId)
    {
        await using TrainingFixture fixture = new();
        await Assert.ThrowsAsync<ArgumentException>(() =>
            fixture.Pipeline.RunStageAsync(StageIds.DataSource, new PipelineContext(projectId), fixture.Output, CancellationToken.None));
    }
}
