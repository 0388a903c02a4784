namespace HubService.Publishing;

/// <summary>The connections that published to a stream lately, newest last.</summary>
internal sealed class RecentPublishers
{
    private const int Remembered = 64;

    private readonly List<string> _handles = [];

    public IReadOnlyList<string> Handles => _handles;

    public void Note(IReadOnlyList<EventDraft> kept)
    {
        foreach (EventDraft draft in kept)
        {
            if (draft is { ConnectionId: { } handle, WrittenByHub: false } && (_handles.Count == 0 || _handles[^1] != handle))
            {
                _handles.Remove(handle);
                _handles.Add(handle);
                if (_handles.Count > Remembered)
                {
                    _handles.RemoveAt(0);
                }
            }
        }
    }

    public void Clear() => _handles.Clear();
}
