using System.Text.Json;
using TrainingPipeline;

namespace HubService.Tests.Samples.Training;

/// <summary>A pipeline over the real data, at full speed, with a directory of its own.</summary>
internal sealed class TrainingFixture : IAsyncDisposable
{
    private int runs;

    public TrainingFixture(Action<PipelineOptions>? configure = null)
    {
        Options = new() { OutputDirectory = Directory.CreateTempSubdirectory("training").FullName, EpochDelay = TimeSpan.Zero, StepDelay = TimeSpan.Zero };
        configure?.Invoke(Options);
        Pipeline = new(Options, TimeProvider.System, () => $"run_{++runs}");
        Driver = new(Pipeline, Context, Output, Output);
    }

    public PipelineOptions Options { get; }

    public Pipeline Pipeline { get; }

    public PipelineContext Context { get; } = new("demo");

    public RecordingOutput Output { get; } = new();

    public ProjectDriver Driver { get; }

    /// <summary>Tells the goal and confirms until a stage begins that shall not be passed.</summary>
    public async Task WalkAsync(string upTo = StageIds.Export)
    {
        await Driver.ChatAsync("Detect malignant tumours, optimise for accuracy");
        await Driver.Idle;
        while (Driver.Stage is { } stage && StageOrder.IsBefore(stage, upTo))
        {
            await StartAsync(StageOrder.After(stage)!);
        }
    }

    public async Task StartAsync(string stage)
    {
        await Driver.StartAsync(stage);
        await Driver.Idle;
    }

    /// <summary>The file behind an address.</summary>
    public string PathOf(JsonElement payload)
    {
        string url = payload.GetProperty("asset_url").GetString()!;
        Assert.StartsWith("/api/assets/demo/", url, StringComparison.Ordinal);
        return Path.Combine(Options.OutputDirectory, url["/api/assets/".Length..]);
    }

    public async ValueTask DisposeAsync()
    {
        await Driver.DisposeAsync();
        Directory.Delete(Options.OutputDirectory, recursive: true);
    }
}
