using System.Text.Json;
using HubService.Contracts;
using HubService.Publishing;
using HubService.Streams;
using HubService.Telemetry;
using Microsoft.Extensions.Options;

namespace HubService.Projects;

/// <summary>The order a project keeps: stages of its pipeline, training runs that start once and finish once.</summary>
internal sealed class ProjectRules(ProjectKeeping keeping, HubMetrics metrics, IOptions<ProjectOptions> options) : IStreamRules
{
    public string Kind => StreamKind.Project;

    public bool Affects(string type) => IsProjected(type);

    public IStreamState Open(StreamKey stream, ReadOnlyMemory<byte>? snapshot) => new PipelineState(
        snapshot is { } s ? JsonSerializer.Deserialize(s.Span, ProjectStateJson.Default.ProjectSnapshot)! : new ProjectSnapshot(),
        options.Value.StagesOf(stream.Id));

    public ReadOnlyMemory<byte> Render(StreamKey stream, IStreamState state, EventDraft draft, DateTimeOffset at) =>
        ProjectEnvelope.Write(draft, stream.Id, ((PipelineState)state).StageRef, at);

    public PlacedEvent Read(LogEntry entry) => ProjectEnvelope.Read(entry);

    public void Settled(StreamKey stream, IStreamState state, IReadOnlyList<EventDraft> kept)
    {
        for (int i = 0; i < kept.Count; i++)
        {
            EventDraft draft = kept[i];
            if (draft.Type == "TRAIN_RUN_FINISHED" && draft.Payload.Text("status") is { } status)
            {
                metrics.RunEnded(status);
            }
        }

        keeping.Settled(stream, (PipelineState)state, kept, IsProjected);
    }

    public void CaughtUp(StreamKey stream, IStreamState state) => keeping.CaughtUp(stream, (PipelineState)state);

    private static bool IsProjected(string type) => type is "STAGE_STATUS" or "WAITING_CONFIRMATION" or "TRAIN_RUN_STARTED" or "TRAIN_RUN_FINISHED";
}
