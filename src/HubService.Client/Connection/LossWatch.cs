namespace HubService.Client;

/// <summary>Turns the changes of a connection into what a user should be told; short drops are not reported.</summary>
/// <param name="tell">Called for every notice, on no particular thread.</param>
internal sealed class LossWatch(TimeSpan after, TimeProvider time, Action<LossPhase, Exception?> tell)
{
    private readonly Lock _gate = new();
    private ITimer? _timer;
    private Exception? _error;
    private bool _lost;

    public void Changed(ConnectionChangedEventArgs change)
    {
        LossPhase? phase = null;
        lock (_gate)
        {
            _error = change.Error ?? _error;
            switch (change.State)
            {
                case ConnectionState.Connecting or ConnectionState.Reconnecting when !_lost:
                    _timer ??= time.CreateTimer(_ => Elapsed(), null, after, Timeout.InfiniteTimeSpan);
                    break;
                case ConnectionState.Connected:
                    phase = _lost ? LossPhase.Restored : null;
                    ForgetUnsynchronized();
                    break;
                case ConnectionState.Failed:
                    phase = LossPhase.Failed;
                    ForgetUnsynchronized();
                    break;
                case ConnectionState.Closed:
                    ForgetUnsynchronized();
                    break;
            }
        }

        if (phase is { } told)
        {
            tell(told, change.Error);
        }
    }

    private void Elapsed()
    {
        Exception? error;
        lock (_gate)
        {
            if (_timer is null || _lost)
            {
                return;
            }

            (_lost, error) = (true, _error);
        }

        tell(LossPhase.Lost, error);
    }

    private void ForgetUnsynchronized()
    {
        _timer?.Dispose();
        (_timer, _error, _lost) = (null, null, false);
    }
}
