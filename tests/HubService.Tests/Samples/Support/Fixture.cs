using SupportAgent;
using SupportAgent.Documents;
using SupportAgent.Planning;
using SupportAgent.Tools;

namespace HubService.Tests.Samples.Support;

/// <summary>Documents small enough to know by heart.</summary>
internal static class Fixture
{
    public const string Guide =
        """
        # Guide

        A hub delivers events to browsers.

        ## Quick start

        Start the service with one command:

        ```
        # builds on the first run
        dotnet run --project src/Hub
        ```

        Then open the inspector in a browser. It listens on port 5199.

        ## Authentication

        Every client sends a JSON web token. Without a token the connection is refused with `unauthorized`.
        The tenant is taken from the token alone.

        ## Limits

        - A message has at most 64 KB.
        - A batch has at most 500 events.
        - A user has at most 20 connections at once.

        ## Slow subscribers

        A slow subscriber harms only itself. Its queue is dropped and refilled from the log.
        """;

    public const string Protocol =
        """
        # Protocol

        ## Order

        Every event has a gapless seq. All subscribers see the same order.

        ## Replay

        A client resumes from its last position. Missed events are replayed before any newer one.
        When the history was trimmed, the client gets `history_lost`.

        ## Errors

        | code | meaning | retryable |
        |---|---|---|
        | rate_limited | Too many messages in a second | yes |
        | stage_conflict | The stage was already confirmed | no |
        | agent_not_available | No worker serves this agent | yes |

        ### Idempotency

        A retry with the same event id is answered with the original seq.
        """;

    public const string Decision =
        """
        # Why SQLite is the default

        One node needs nothing to install. SQLite survives a kill and a power loss, because every append is synced before its acknowledgement.
        """;

    public static DocumentLibrary Library { get; } = new([("README", Guide), ("PROTOCOL", Protocol), ("0001-sqlite", Decision)]);

    public static DateTimeOffset Now { get; } = new(2026, 3, 14, 15, 9, 26, TimeSpan.Zero);

    public static SupportTools Tools { get; } = new(Library, new FixedTime());

    public static ISupportAgent Agent() => new PlannedAgent(Library, Tools, new Pace(FullSpeed(), TimeProvider.System));

    public static SupportAgentOptions FullSpeed() => new() { DeltaDelay = TimeSpan.Zero, StepDelay = TimeSpan.Zero };

    private sealed class FixedTime : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => Now;
    }
}

/// <summary>Keeps what an agent shows, one line each.</summary>
internal sealed class RecordingRun : IRunEvents
{
    public List<string> Lines { get; } = [];

    public List<string> Deltas { get; } = [];

    public IEnumerable<string> Tools => Lines.Where(l => l.StartsWith("tool ", StringComparison.Ordinal));

    public string Streamed => string.Concat(Deltas);

    public Task ThinkAsync(string thought, int? step = null, int? totalSteps = null, CancellationToken cancellationToken = default)
    {
        Lines.Add($"think {step}/{totalSteps} {thought}");
        return Task.CompletedTask;
    }

    public async Task<T> ToolAsync<T>(
        string toolName, object? parameters, Func<CancellationToken, Task<T>> body, string? purpose = null, CancellationToken cancellationToken = default)
    {
        try
        {
            T result = await body(cancellationToken);
            Lines.Add($"tool {toolName} ok");
            return result;
        }
        catch (Exception e)
        {
            Lines.Add($"tool {toolName} error {e.Message}");
            throw;
        }
    }

    public async Task StreamMessageAsync(IAsyncEnumerable<string> deltas, CancellationToken cancellationToken = default)
    {
        Lines.Add("message");
        Deltas.Clear();
        await foreach (string delta in deltas.WithCancellation(cancellationToken))
        {
            Deltas.Add(delta);
        }
    }

    public Microsoft.Extensions.AI.IChatClient Show(Microsoft.Extensions.AI.IChatClient model) => throw new NotSupportedException("The planner asks no model.");
}
