using HubService.Contracts;
using HubService.Contracts.Projects;
using HubService.Delivery;
using HubService.Streams;

namespace HubService.Projects;

/// <summary>What a joiner of a project gets before any event: HELLO, the current STAGE_STATUS, a pending WAITING_CONFIRMATION.</summary>
internal sealed class ProjectGreeting(TimeProvider time)
{
    public IReadOnlyList<ReadOnlyMemory<byte>> Of(ProjectId project, LogHead head, ProjectState state)
    {
        DateTimeOffset now = time.GetUtcNow();
        StageState current = state.CurrentStage!;
        var stage = new StageRef(current.Id, current.Index, current.Status);
        List<ReadOnlyMemory<byte>> greeting =
        [
            Frame("HELLO", new Hello("Connected to the project's stream", project.Value, now)),
            Frame("STAGE_STATUS", new StageStatus(current.Id, current.Status, current.Message)),
        ];
        if (state.WaitingConfirmation is { } waiting)
        {
            greeting.Add(Frame("WAITING_CONFIRMATION", new WaitingConfirmation(waiting.StageId, waiting.Summary, waiting.NextActions)));
        }

        return greeting;

        ReadOnlyMemory<byte> Frame<TPayload>(string name, TPayload payload) =>
            JsonInvocation.Frame(nameof(IProjectClient.ProjectEvent), ProjectEnvelope.Greeting(project, head, stage, name, payload, now));
    }
}
