using System.Text.Json.Nodes;
using TrainingPipeline;
using TrainingPipeline.Chat;
using TrainingPipeline.Learning;

namespace HubService.Tests.Samples.Training;

public class ChatTests
{
    [Theory]
    [InlineData("Predict whether a tumour is malignant, optimise for recall", "classification", "malignant", "recall")]
    [InlineData("classify breast tumours with the breast cancer data set", "classification", "breast", "accuracy")]
    [InlineData("Detect benign masses by F1", "classification", "benign", "f1")]
    [InlineData("predict the price, a regression", "regression", "price", "accuracy")]
    [InlineData("maximise balanced accuracy", "classification", null, "balanced_accuracy")]
    public void Intents_are_understood(string text, string task, string? target, string metric)
    {
        Intent intent = IntentParser.Parse(text);
        Assert.Equal((task, target, metric), (intent.TaskType, intent.Target, intent.Metric));
    }

    [Theory]
    [InlineData("use a learning rate of 0.05", 0.05, null, null)]
    [InlineData("lr=1e-2 please", 0.01, null, null)]
    [InlineData("train 300 epochs", null, null, 300)]
    [InlineData("epochs: 50, l2 0.5 and learning_rate 0.2", 0.2, 0.5, 50)]
    [InlineData("what is the accuracy?", null, null, null)]
    public void Hyperparameters_are_read_from_sentences(string text, double? rate, double? l2, int? epochs) =>
        Assert.Equal(new HyperparameterChanges(rate, l2, epochs), HyperparameterText.FromText(text));

    [Theory]
    [InlineData("""{"learning_rate":0.05,"epochs":10}""", null)]
    [InlineData("""{"learning_rate":0}""", "learning_rate must be")]
    [InlineData("""{"epochs":1.5}""", "epochs must be a number")]
    [InlineData("""{"epochs":99999}""", "epochs must be between")]
    [InlineData("""{"momentum":0.9}""", "'momentum'")]
    [InlineData("{}", "at least one")]
    public void The_command_checks_its_arguments(string args, string? fault)
    {
        CommandAnswer answer = Pipeline.Command(new("demo"), "set_hyperparameters", (JsonObject)JsonNode.Parse(args)!);
        Assert.Equal(fault is null, answer.Result is not null);
        Assert.Contains(fault ?? "", answer.Error ?? "", StringComparison.Ordinal);
    }

    [Fact]
    public void An_unknown_command_is_answered()
    {
        CommandAnswer answer = Pipeline.Command(new("demo"), "fly", null);
        Assert.Contains("fly", answer.Error, StringComparison.Ordinal);
        Assert.Equal("name", answer.Field);
        Assert.Equal("args", Pipeline.Command(new("demo"), "set_hyperparameters", new JsonObject { ["epochs"] = "many" }).Field);
    }

    [Fact]
    public async Task What_was_asked_changes_the_next_training()
    {
        await using TrainingFixture fixture = new();
        await fixture.WalkAsync(StageIds.ModelSelect);
        await fixture.Driver.ChatAsync("use the logreg_strong_l2 model");
        await fixture.Driver.ChatAsync("train 30 epochs with a learning rate of 0.05");
        Assert.NotNull(fixture.Driver.Command("set_hyperparameters", new JsonObject { ["l2"] = 0.02 }).Result);
        await fixture.StartAsync(StageIds.ModelSelect);
        await fixture.StartAsync(StageIds.Train);

        Assert.Equal("logreg_strong_l2", fixture.Output.One("TRAIN_RUN_STARTED").GetProperty("model_id").GetString());
        var train = fixture.Output.One("TRAIN_RUN_STARTED").GetProperty("config").GetProperty("train");
        Assert.Equal((0.05, 0.02, 30), (train.GetProperty("learning_rate").GetDouble(), train.GetProperty("l2").GetDouble(), train.GetProperty("epochs").GetInt32()));
    }

    [Fact]
    public async Task Questions_are_answered_from_what_was_measured()
    {
        await using TrainingFixture fixture = new();
        await fixture.Driver.ChatAsync("what is the accuracy?", StageIds.Train);
        Assert.Equal("Nothing is trained yet.", Last());
        await fixture.WalkAsync(StageIds.Train);

        string accuracy = fixture.Output.One("CLASSIFICATION_METRICS_READY").GetProperty("accuracy").GetDouble().ToString("0.0000", null);
        await fixture.Driver.ChatAsync("what is the accuracy?");
        Assert.Contains($"accuracy is {accuracy} on the 113 held-out rows", Last(), StringComparison.Ordinal);
        await fixture.Driver.ChatAsync("which features matter?");
        Assert.Contains("speaks for malignant", Last(), StringComparison.Ordinal);
        await fixture.Driver.ChatAsync("how many rows are there?");
        Assert.Contains("569 rows", Last(), StringComparison.Ordinal);
        await fixture.Driver.ChatAsync("learning rate 99");
        Assert.Contains("I left everything as it was", Last(), StringComparison.Ordinal);

        string Last() => fixture.Output.Of("LOG_LINE").Last(e => e.GetProperty("run_id").GetString() == "chat").GetProperty("text").GetString()!;
    }
}
