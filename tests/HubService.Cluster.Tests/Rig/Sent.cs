using System.Diagnostics;
using HubService.Checker;

namespace HubService.Cluster.Tests.Rig;

/// <summary>An event on its way, with the id that makes sending it again safe.</summary>
internal sealed class Sent(string project, string eventId, string text)
{
    private readonly TaskCompletionSource<Position> _placed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public string Project => project;

    public string Stream { get; } = $"project:{project}";

    public string EventId => eventId;

    public string Text => text;

    public string Hash { get; } = Content.Hash(text);

    /// <summary>Completes when it is acknowledged, with its place.</summary>
    public Task<Position> Placed => _placed.Task;

    /// <summary>Where it was acknowledged last.</summary>
    public Position? At { get; private set; }

    /// <summary>When it was first sent.</summary>
    public long Since { get; set; }

    public TimeSpan? Took { get; private set; }

    public void Acknowledge(Position place)
    {
        Took ??= Stopwatch.GetElapsedTime(Since);
        At = place;
        _placed.TrySetResult(place);
    }

    public void GiveUp(string code) => _placed.TrySetException(new InvalidOperationException($"{eventId} was refused: {code}"));
}
