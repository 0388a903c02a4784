using System.Text;
using System.Text.Json;
using HubService.Cluster;
using HubService.Publishing;
using HubService.Streams;

namespace HubService.Projects;

/// <summary>Brings what happens to projects on any node to the work of the node that keeps them.</summary>
internal sealed class ProjectKeeping(
    ICluster cluster,
    Keepers keepers,
    Handles handles,
    KeeperNews news,
    ProjectWorkers workers,
    ProjectWork work,
    HeldWork held,
    ProjectCommandReplies replies)
{
    private const string SettledTopic = "projects.settled";
    private const string AskedTopic = "projects.asked";
    private const string HeldTopic = "projects.held";
    private const string GoneTopic = "projects.disconnected";

    private OpenStreams? _streams;

    /// <summary>Hears what other nodes tell. Called once, before the cluster starts.</summary>
    public void Listen(OpenStreams streams)
    {
        _streams = streams;
        cluster.Handle(SettledTopic, message =>
        {
            KeptDigest digest = JsonSerializer.Deserialize(message.Span, PublishingNodesJson.Default.KeptDigest)!;
            EventDraft[] kept = [.. digest.Events.Select(Draft)];
            return AtHeadAsync(digest.Stream, state => work.Settled(digest.Stream, state, kept));
        });
        cluster.Handle(HeldTopic, message =>
        {
            WorkHeld told = Read(message);
            return AtHeadAsync(told.Project, state => work.Announced(told, state));
        });
        cluster.Handle(AskedTopic, message =>
        {
            WorkHeld told = Read(message);
            held.Note(told.Project, told.Handle, told.Attempt);
            return Done();
        });
        cluster.Handle(GoneTopic, message =>
        {
            string handle = Encoding.UTF8.GetString(message.Span);
            work.Disconnected(handle);
            replies.Disconnected(handle);
            return Done();
        });
        cluster.OnChanged(change =>
        {
            work.Gone(change.Dead);
            replies.Gone(change.Dead);
        });
    }

    /// <summary>Takes over what a project's projection says after a load or a batch of this node.</summary>
    public void Settled(StreamKey project, PipelineState state, IReadOnlyList<EventDraft> kept, Func<string, bool> affects)
    {
        if (handles.AreShared)
        {
            Hold(project, state, kept);
        }

        if (keepers.IsMine(project))
        {
            work.Settled(project, state, kept);
        }
        else if (kept.Count > 0)
        {
            news.Tell(SettledTopic, project, kept, affects, RunOf);
        }
    }

    /// <summary>Takes over what other nodes appended.</summary>
    public void CaughtUp(StreamKey project, PipelineState state)
    {
        if (!state.Unfinished)
        {
            held.Forget(project);
        }

        if (keepers.IsMine(project))
        {
            work.CaughtUp(project, state);
        }
    }

    /// <summary>Notes, where its connection is, that a worker was asked for an attempt.</summary>
    public void Asked(StreamKey project, string worker, int attempt)
    {
        if (!handles.AreShared)
        {
            return;
        }

        if (handles.IsHere(worker))
        {
            held.Note(project, worker, attempt);
        }
        else
        {
            cluster.Tell(Handles.NodeOf(worker), AskedTopic, Write(new WorkHeld(project, worker, attempt)));
        }
    }

    public void Disconnected(string handle)
    {
        held.Disconnected(handle);
        work.Disconnected(handle);
        replies.Disconnected(handle);
        cluster.TellOthers(GoneTopic, Encoding.UTF8.GetBytes(handle));
    }

    /// <summary>Tells each keeper which of its projects connections of this node work on.</summary>
    public async Task AnnounceOnceAsync()
    {
        foreach ((StreamKey project, (string handle, int attempt)) in held.All)
        {
            Outcome outcome = await _streams!.LookAsync(project, state => state is PipelineState { Unfinished: true } p && p.Attempt == attempt);
            if (outcome.Answer is false)
            {
                held.Forget(project);
            }
            else if (outcome.Answer is true)
            {
                cluster.Tell(keepers.KeeperOf(project), HeldTopic, Write(new WorkHeld(project, handle, attempt, workers.IsConnected(handle))));
            }
        }
    }

    private void Hold(StreamKey project, PipelineState state, IReadOnlyList<EventDraft> kept)
    {
        if (!state.Unfinished)
        {
            held.Forget(project);
        }
        else if (kept.Count > 0 && kept[^1].ConnectionId is { } handle)
        {
            held.Note(project, handle, state.Attempt);
        }
    }

    /// <summary>A project's events carry their run in the payload.</summary>
    private static string? RunOf(EventDraft draft) => draft.Type == "TRAIN_PROGRESS" ? draft.Payload.Text("run_id") : null;

    private static EventDraft Draft(KeptEvent e) => new(
        e.Type,
        "",
        FromPublisher: false,
        JsonSerializer.SerializeToElement(e.Run is null ? [] : new Dictionary<string, string> { ["run_id"] = e.Run }, ProjectNodesJson.Default.DictionaryStringString),
        null,
        ConnectionId: e.Connection);

    private static byte[] Write(WorkHeld told) => JsonSerializer.SerializeToUtf8Bytes(told, ProjectNodesJson.Default.WorkHeld);

    private static WorkHeld Read(ReadOnlyMemory<byte> message) => JsonSerializer.Deserialize(message.Span, ProjectNodesJson.Default.WorkHeld)!;

    private static Task<ReadOnlyMemory<byte>> Done() => Task.FromResult(ReadOnlyMemory<byte>.Empty);

    /// <summary>Looks at the project as it is now; what does not come to pass is found by the next pass over what is unsettled.</summary>
    private async Task<ReadOnlyMemory<byte>> AtHeadAsync(StreamKey project, Action<PipelineState> act)
    {
        await _streams!.SubmitAsync(project, state =>
        {
            act((PipelineState)state);
            return Decision.Look(null);
        });
        return ReadOnlyMemory<byte>.Empty;
    }
}
