using System.Text.Json;
using HubService.Contracts;
using HubService.Contracts.Projects;
using HubService.Projects;
using HubService.Publishing;
using HubService.Streams;

namespace HubService.Benchmarks.Inner;

/// <summary>Log lines of a project, as they are at each station of their way.</summary>
internal static class SampleEvents
{
    private static readonly StageRef Stage = new("TRAIN", 5, StageStatuses.InProgress);

    /// <param name="text">Bytes of its text.</param>
    public static EventDraft Draft(int text)
    {
        JsonElement payload = JsonElement.Parse($$"""{"run_id":"system","level":"info","text":"{{new string('x', text)}}"}""");
        return new EventDraft("LOG_LINE", Ids.New("evt_"), FromPublisher: true, payload, "alice");
    }

    /// <summary>As it is kept, without seq and epoch.</summary>
    public static ReadOnlyMemory<byte> Body(EventDraft draft) => ProjectEnvelope.Write(draft, ServiceInProcess.Stream.Id, Stage, TimeProvider.System.GetUtcNow());

    public static LogEntry Entry(int text)
    {
        EventDraft draft = Draft(text);
        return new LogEntry(123_456, draft.EventId, draft.Type, 0, Body(draft));
    }

    /// <summary>To append; their ids are new each time.</summary>
    public static NewLogEvent[] Batch(int count, ReadOnlyMemory<byte> body)
    {
        long now = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();
        return [.. Enumerable.Range(0, count).Select(_ => new NewLogEvent(Ids.New("evt_"), Idempotent: true, "LOG_LINE", now, body))];
    }
}
