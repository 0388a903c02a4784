using System.Collections.Concurrent;
using HubService.Streams;

namespace HubService.Projects;

/// <summary>The projects that connections of this node work on, each with the attempt, for a keeper to come, who knows nothing of them.</summary>
internal sealed class HeldWork
{
    private readonly ConcurrentDictionary<StreamKey, (string Handle, int Attempt)> _held = new();

    public IReadOnlyCollection<KeyValuePair<StreamKey, (string Handle, int Attempt)>> All => [.. _held];

    public void Note(StreamKey project, string handle, int attempt) => _held[project] = (handle, attempt);

    public void Forget(StreamKey project) => _held.TryRemove(project, out _);

    public void Disconnected(string handle)
    {
        foreach (KeyValuePair<StreamKey, (string Handle, int Attempt)> held in _held.Where(h => h.Value.Handle == handle))
        {
            _held.TryRemove(held);
        }
    }
}
