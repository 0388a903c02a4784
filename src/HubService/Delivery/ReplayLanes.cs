namespace HubService.Delivery;

/// <summary>
/// In whose turns a connection catches up. Who has a long way to go makes room for what is live; who is nearly level does not have
/// to, nor who does not come nearer: to hold up either would only make the way longer, or one without an end.
/// </summary>
internal sealed class ReplayLanes(TimeProvider time) : IDisposable
{
    private readonly ReplayTurns _far = new(time);
    private readonly ReplayTurns _pressing = new(time, rests: false);

    /// <inheritdoc cref="ReplayTurns.SawLive"/>
    public void SawLive() => _far.SawLive();

    /// <summary>To be asked before each page.</summary>
    /// <param name="page">Events of a page at most.</param>
    public ReplayTurns Choose(Cursor cursor, int page)
    {
        (long head, long written) = (cursor.Feed.Head.Seq, cursor.Written.Seq);
        bool presses = head - written < page || (cursor.BeforeLastPage is { } last && 2 * (head - last.Head) >= written - last.Written);
        cursor.BeforeLastPage = (head, written);
        return presses ? _pressing : _far;
    }

    public void Dispose()
    {
        _far.Dispose();
        _pressing.Dispose();
    }
}
