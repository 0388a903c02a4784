using HubService.Contracts.Agents;
using HubService.Streams;

namespace HubService.Agents;

/// <summary>A run in hand, with the time by which its publisher must show life.</summary>
internal sealed class Lease(StreamKey thread, string runId)
{
    public StreamKey Thread { get; } = thread;

    public string RunId { get; } = runId;

    /// <summary>The connection that publishes it, or was asked to.</summary>
    public string? Holder { get; set; }

    public long Until { get; set; }

    public RunStatus Ending { get; set; } = RunStatus.Abandoned;

    public string Reason { get; set; } = "The publisher went away.";

    /// <summary>The thread's events have told of it; before, a worker has only been asked.</summary>
    public bool Told { get; set; }

    /// <summary>It was found open by a node that does not know who publishes it.</summary>
    public bool Found { get; set; }
}
