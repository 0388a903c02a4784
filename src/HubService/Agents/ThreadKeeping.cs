using System.Text;
using System.Text.Json;
using HubService.Cluster;
using HubService.Publishing;
using HubService.Streams;

namespace HubService.Agents;

/// <summary>Brings what happens to threads on any node to the leases of the node that keeps them.</summary>
internal sealed class ThreadKeeping(
    ICluster cluster,
    Keepers keepers,
    Handles handles,
    KeeperNews news,
    RunLeases leases,
    OpenInputs inputs,
    HeldRuns held,
    DeputyNotes deputies)
{
    private const string SettledTopic = "agents.settled";
    private const string HeldTopic = "agents.held";
    private const string GoneTopic = "agents.disconnected";

    private OpenStreams? _streams;

    /// <summary>Hears what other nodes tell. Called once, before the cluster starts.</summary>
    public void Listen(OpenStreams streams)
    {
        _streams = streams;
        deputies.Listen();
        cluster.Handle(SettledTopic, async message =>
        {
            KeptDigest digest = JsonSerializer.Deserialize(message.Span, PublishingNodesJson.Default.KeptDigest)!;
            EventDraft[] kept = [.. digest.Events.Select(e => new EventDraft(e.Type, "", FromPublisher: false, default, null, e.Run, ConnectionId: e.Connection))];
            await AtHeadAsync(digest.Stream, state =>
            {
                leases.Settled(digest.Stream, state, kept);
                inputs.Settled(digest.Stream, state, kept);
            });
            return ReadOnlyMemory<byte>.Empty;
        });
        cluster.Handle(HeldTopic, async message =>
        {
            RunHolders holders = JsonSerializer.Deserialize(message.Span, AgentNodesJson.Default.RunHolders)!;
            await AtHeadAsync(holders.Thread, state =>
            {
                foreach (RunHolder run in holders.Runs)
                {
                    leases.Announced(holders.Thread, state, run.RunId, run.Handle!);
                }
            });
            return ReadOnlyMemory<byte>.Empty;
        });
        cluster.Handle(GoneTopic, message =>
        {
            leases.Disconnected(Encoding.UTF8.GetString(message.Span));
            return Task.FromResult(ReadOnlyMemory<byte>.Empty);
        });
        cluster.OnChanged(change => leases.Gone(change.Dead));
    }

    /// <summary>Takes over what a thread's projection says after a load or a batch of this node.</summary>
    public void Settled(StreamKey thread, ThreadState state, IReadOnlyList<EventDraft> kept, Func<string, bool> affects)
    {
        if (handles.AreShared)
        {
            held.Settled(thread, state, kept);
        }

        if (keepers.IsMine(thread))
        {
            leases.Settled(thread, state, kept);
            inputs.Settled(thread, state, kept);
        }
        else if (kept.Count > 0)
        {
            news.Tell(SettledTopic, thread, kept, affects, static draft => draft.RunId);
        }
    }

    public void Disconnected(string handle)
    {
        held.Disconnected(handle);
        leases.Disconnected(handle);
        cluster.TellOthers(GoneTopic, Encoding.UTF8.GetBytes(handle));
    }

    /// <summary>Call when this node has found the runs of the threads it keeps now.</summary>
    public void TakenOver()
    {
        leases.TellDeputies();
        deputies.Prune();
    }

    /// <summary>Tells each keeper which runs of its threads connections of this node publish.</summary>
    public async Task AnnounceOnceAsync()
    {
        foreach (StreamKey thread in held.Threads)
        {
            // What ended on another node is not announced: the look finds it ended.
            if ((await _streams!.LookAsync(thread, static _ => null)).Error is null && held.Of(thread) is { Count: > 0 } runs)
            {
                var holders = new RunHolders(thread, [.. runs.Select(r => new RunHolder(r.Key, r.Value))]);
                cluster.Tell(keepers.KeeperOf(thread), HeldTopic, JsonSerializer.SerializeToUtf8Bytes(holders, AgentNodesJson.Default.RunHolders));
            }
        }
    }

    /// <summary>Looks at the thread as it is now; what does not come to pass is found by the next pass over what is unsettled.</summary>
    private async Task AtHeadAsync(StreamKey thread, Action<ThreadState> act) => await _streams!.SubmitAsync(thread, state =>
    {
        act((ThreadState)state);
        return Decision.Look(null);
    });
}
