using System.Text.Json;
using System.Text.Json.Nodes;
using TrainingPipeline;

namespace HubService.Tests.Samples.Training;

public class TrainingRunTests
{
    private static readonly string[] InRun =
    [
        "TRAIN_PROGRESS", "METRIC_SCALAR", "GD_DIAGNOSTIC", "RESOURCE_STATS", "LOG_LINE", "LEADERBOARD_UPDATED", "BEST_MODEL_UPDATED", "EVALUATION_STARTED",
        "CLASSIFICATION_METRICS_READY", "CONFUSION_MATRIX_READY", "ROC_CURVE_READY", "PRECISION_RECALL_CURVE_READY", "FEATURE_IMPORTANCE_READY", "EVALUATION_COMPLETE",
    ];

    [Fact(Timeout = 60_000)]
    public async Task A_run_starts_first_finishes_last_and_counts_its_steps_one_by_one()
    {
        await using TrainingFixture fixture = new(o => o.Epochs = 40);
        await fixture.WalkAsync(StageIds.Train);
        List<string> names = [.. fixture.Output.Names];
        int first = names.IndexOf("TRAIN_RUN_STARTED"), last = names.IndexOf("TRAIN_RUN_FINISHED");
        Assert.All(names[(first + 1)..last], n => Assert.Contains(n, InRun));
        Assert.Equal("success", fixture.Output.One("TRAIN_RUN_FINISHED").GetProperty("status").GetString());

        JsonElement[] progress = [.. fixture.Output.Of("TRAIN_PROGRESS")];
        int steps = fixture.Output.One("TRAIN_RUN_STARTED").GetProperty("config").GetProperty("train").GetProperty("steps").GetInt32();
        Assert.Equal(Enumerable.Range(0, steps + 1), progress.Select(p => p.GetProperty("step").GetInt32()));
        Assert.All(progress, p => Assert.Equal(steps, p.GetProperty("steps").GetInt32()));
        Assert.Equal(["init", "fit", "eval", "finalize"], progress.Select(p => p.GetProperty("phase").GetString()).Distinct());
        Assert.Equal(JsonValueKind.Null, progress[0].GetProperty("eta_s").ValueKind);

        ILookup<string, JsonElement> series = fixture.Output.Of("METRIC_SCALAR").ToLookup(m => $"{m.GetProperty("name")}/{m.GetProperty("split")}");
        Assert.Equal(["accuracy/train", "accuracy/val", "loss/train", "loss/val"], series.Select(s => s.Key).Order());
        Assert.All(series, s => Assert.Equal(Enumerable.Range(1, 40), s.Select(m => m.GetProperty("step").GetInt32())));
        Assert.True(series["loss/train"].Last().GetProperty("value").GetDouble() < series["loss/train"].First().GetProperty("value").GetDouble());
    }

    [Fact(Timeout = 60_000)]
    public async Task Best_model_rises_and_resources_are_real()
    {
        await using TrainingFixture fixture = new(o => o.Epochs = 40);
        await fixture.WalkAsync(StageIds.Train);
        double[] best = [.. fixture.Output.Of("BEST_MODEL_UPDATED").Select(b => b.GetProperty("metric").GetDouble())];
        Assert.Equal(best.Distinct().Order(), best);
        Assert.Equal(4, fixture.Output.Of("RESOURCE_STATS").Count());
        Assert.All(fixture.Output.Of("RESOURCE_STATS"), r => Assert.True(r.GetProperty("ram_mb").GetDouble() > 10));
        Assert.All(fixture.Output.Of("GD_DIAGNOSTIC"), g => Assert.True(g.GetProperty("diagnostics").GetProperty("grad_l2").GetDouble() > 0));
    }

    [Fact(Timeout = 60_000)]
    public async Task Cancelling_stops_in_the_middle_and_finishes_the_run_once()
    {
        await using TrainingFixture fixture = new();
        TaskCompletionSource reached = new(), cancelling = new();
        fixture.Output.OnEvent = async (name, payload) =>
        {
            if (name == "GD_DIAGNOSTIC" && payload.GetProperty("step").GetInt32() == 17)
            {
                reached.SetResult();
                await cancelling.Task;
            }
        };
        await fixture.WalkAsync(StageIds.ModelSelect);
        await fixture.Driver.StartAsync(StageIds.Train);
        await reached.Task;
        Task<bool> cancel = fixture.Driver.CancelAsync();
        cancelling.SetResult();
        Assert.True(await cancel);

        Assert.Equal("cancelled", fixture.Output.One("TRAIN_RUN_FINISHED").GetProperty("status").GetString());
        Assert.Equal(17, fixture.Output.Of("TRAIN_PROGRESS").Max(p => p.GetProperty("epoch").GetInt32()));
        Assert.DoesNotContain("EVALUATION_STARTED", fixture.Output.Names);
        JsonElement stage = fixture.Output.Of("STAGE_STATUS").Last();
        Assert.Equal((StageIds.Train, "FAILED"), (stage.GetProperty("stage_id").GetString(), stage.GetProperty("status").GetString()));
        Assert.False(await fixture.Driver.CancelAsync());
    }

    /// <summary>A walk that was cancelled and replaced at once told people to restart the stage that was already running again.</summary>
    [Fact(Timeout = 60_000)]
    public async Task A_cancelled_walk_whose_end_is_no_longer_of_interest_says_nothing_about_it()
    {
        await using TrainingFixture fixture = new();
        TaskCompletionSource reached = new(), cancelling = new();
        fixture.Output.OnEvent = async (name, payload) =>
        {
            if (name == "GD_DIAGNOSTIC" && reached.TrySetResult())
            {
                await cancelling.Task;
            }
            else if (name == "STAGE_STATUS" && payload.GetProperty("status").GetString() == "FAILED")
            {
                throw new HubService.Client.HubClientException(new HubService.Contracts.HubError("stage_conflict", "A newer attempt has begun."));
            }
        };
        await fixture.WalkAsync(StageIds.ModelSelect);
        await fixture.Driver.StartAsync(StageIds.Train, attempt: 2);
        await reached.Task;
        Assert.False(await fixture.Driver.CancelAsync(attempt: 1));
        Task<bool> cancel = fixture.Driver.CancelAsync(attempt: 2);
        cancelling.SetResult();
        Assert.True(await cancel);
        Assert.Equal("cancelled", fixture.Output.One("TRAIN_RUN_FINISHED").GetProperty("status").GetString());
        Assert.DoesNotContain(fixture.Output.Of("LOG_LINE"), l => l.GetProperty("text").GetString()!.Contains("Restart the stage", StringComparison.Ordinal));
    }

    [Fact(Timeout = 60_000)]
    public async Task Restarting_in_the_middle_ends_the_first_run_before_the_second_begins()
    {
        await using TrainingFixture fixture = new();
        TaskCompletionSource reached = new(), restarting = new();
        fixture.Output.OnEvent = async (name, payload) =>
        {
            if (name == "GD_DIAGNOSTIC" && payload.GetProperty("step").GetInt32() == 5 && reached.TrySetResult())
            {
                await restarting.Task;
            }
        };
        await fixture.WalkAsync(StageIds.ModelSelect);
        await fixture.Driver.StartAsync(StageIds.Train);
        await reached.Task;
        Task restart = fixture.Driver.StartAsync(StageIds.Train);
        restarting.SetResult();
        await restart;
        await fixture.Driver.Idle;

        string[] runs = [.. fixture.Output.Events.Where(e => e.Name is "TRAIN_RUN_STARTED" or "TRAIN_RUN_FINISHED").Select(e =>
            $"{e.Name} {e.Payload.GetProperty("run_id")} {(e.Payload.TryGetProperty("status", out JsonElement s) ? s.GetString() : "")}".Trim())];
        Assert.Equal(["TRAIN_RUN_STARTED run_1", "TRAIN_RUN_FINISHED run_1 cancelled", "TRAIN_RUN_STARTED run_2", "TRAIN_RUN_FINISHED run_2 success"], runs);
        Assert.DoesNotContain(fixture.Output.Of("STAGE_STATUS"), s => s.GetProperty("status").GetString() == "FAILED");
    }

    [Fact(Timeout = 60_000)]
    public async Task A_run_that_diverges_fails_with_a_reason()
    {
        await using TrainingFixture fixture = new(o => o.Epochs = 400);
        await fixture.WalkAsync(StageIds.ModelSelect);
        fixture.Driver.Command("set_hyperparameters", new JsonObject { ["learning_rate"] = 10, ["l2"] = 10 });
        await fixture.StartAsync(StageIds.Train);
        Assert.Equal("failed", fixture.Output.One("TRAIN_RUN_FINISHED").GetProperty("status").GetString());
        JsonElement stage = fixture.Output.Of("STAGE_STATUS").Last();
        Assert.Equal("FAILED", stage.GetProperty("status").GetString());
        Assert.Contains("choose smaller ones", stage.GetProperty("message").GetString(), StringComparison.Ordinal);
    }
}
