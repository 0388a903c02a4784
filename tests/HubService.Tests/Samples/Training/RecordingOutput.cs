using System.Text.Json;
using TrainingPipeline;

namespace HubService.Tests.Samples.Training;

/// <summary>Keeps what a pipeline publishes, as it would travel.</summary>
internal sealed class RecordingOutput : IPipelineOutput, IStageControl
{
    private readonly Lock gate = new();
    private readonly List<(string Name, JsonElement Payload)> events = [];

    public IReadOnlyList<(string Name, JsonElement Payload)> Events
    {
        get
        {
            lock (gate)
            {
                return [.. events];
            }
        }
    }

    public IEnumerable<string> Names => Events.Select(e => e.Name);

    /// <summary>Called after an event was kept, in the publisher's own call.</summary>
    public Func<string, JsonElement, Task>? OnEvent { get; set; }

    public IEnumerable<JsonElement> Of(string name) => Events.Where(e => e.Name == name).Select(e => e.Payload);

    public JsonElement One(string name) => Assert.Single(Of(name));

    public async ValueTask EmitAsync(string name, object payload, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        JsonElement json = JsonSerializer.SerializeToElement(payload);
        lock (gate)
        {
            events.Add((name, json));
        }

        if (OnEvent is { } then)
        {
            await then(name, json);
        }
    }

    public async Task SetStageAsync(string stageId, string status, string message, int? attempt = null, CancellationToken cancellationToken = default) =>
        await EmitAsync("STAGE_STATUS", new { stage_id = stageId, status, message }, cancellationToken);

    public async Task WaitForConfirmationAsync(
        string stageId, string summary, IReadOnlyList<string> nextActions, int? attempt = null, CancellationToken cancellationToken = default) =>
        await EmitAsync("WAITING_CONFIRMATION", new { stage_id = stageId, summary, next_actions = nextActions }, cancellationToken);
}
