namespace SupportAgent;

/// <summary>What may be set about the agent from outside.</summary>
public sealed class SupportAgentOptions
{
    /// <summary>Markdown files to answer from.</summary>
    public string DocumentsDirectory { get; set; } = Path.Combine(AppContext.BaseDirectory, "support-documents");

    /// <summary>A pause before each piece of a streamed answer, so that a person can watch; zero streams at full speed.</summary>
    public TimeSpan DeltaDelay { get; set; } = TimeSpan.FromMilliseconds(25);

    /// <summary>A pause after each thought.</summary>
    public TimeSpan StepDelay { get; set; } = TimeSpan.FromMilliseconds(200);

    /// <summary>A language model that plans instead of the built-in rules; used when its endpoint is set.</summary>
    public ModelOptions Model { get; set; } = new();
}

/// <summary>An endpoint that speaks OpenAI's chat completions.</summary>
public sealed class ModelOptions
{
    /// <summary>Up to and with the version, e.g. <c>http://localhost:11434/v1</c>.</summary>
    public Uri? Endpoint { get; set; }

    public string Name { get; set; } = "gpt-4o-mini";

    /// <summary>Local endpoints ignore it, but the protocol wants one.</summary>
    public string ApiKey { get; set; } = "none";

    /// <summary>How often the model may call tools before it has to answer.</summary>
    public int MaxRounds { get; set; } = 6;
}
