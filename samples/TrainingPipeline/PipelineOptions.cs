namespace TrainingPipeline;

/// <summary>What may be set about the pipeline from outside.</summary>
public sealed class PipelineOptions
{
    /// <summary>Where the data sets and their descriptions are.</summary>
    public string DataDirectory { get; set; } = Path.Combine(AppContext.BaseDirectory, "training-data");

    /// <summary>Where files for download go: <c>{OutputDirectory}/{project_id}/…</c>.</summary>
    public string OutputDirectory { get; set; } = Path.Combine("data", "assets");

    /// <summary>The address under which <see cref="OutputDirectory"/> is served.</summary>
    public string AssetUrlBase { get; set; } = "/api/assets";

    /// <summary>Decides split, order of the rows in each epoch, and so every number of a run.</summary>
    public int Seed { get; set; } = 42;

    /// <summary>The share of rows held out for the test, and again for validation.</summary>
    public double TestSize { get; set; } = 0.2;

    /// <summary>Epochs of a training run when nobody asks for another number.</summary>
    public int Epochs { get; set; } = 200;

    /// <summary>Rows per gradient step.</summary>
    public int BatchSize { get; set; } = 32;

    /// <summary>Epochs for which each candidate is tried before one is chosen.</summary>
    public int TrialEpochs { get; set; } = 30;

    /// <summary>A pause after each epoch, so that a person can watch; zero trains at full speed.</summary>
    public TimeSpan EpochDelay { get; set; } = TimeSpan.FromMilliseconds(60);

    /// <summary>A pause after each smaller step (a phase of the profile, a file of the export).</summary>
    public TimeSpan StepDelay { get; set; } = TimeSpan.FromMilliseconds(250);
}
