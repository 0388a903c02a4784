using HubService.Client;

namespace HubService.Tests.Client;

public class LossWatchTests
{
    private readonly SteppedClock _clock = new();
    private readonly List<(LossPhase Phase, Exception? Error)> _told = [];
    private readonly LossWatch _watch;

    public LossWatchTests() => _watch = new LossWatch(TimeSpan.FromSeconds(5), _clock, (phase, error) => _told.Add((phase, error)));

    [Fact]
    public void A_short_interruption_is_not_reported()
    {
        Become(ConnectionState.Connecting, ConnectionState.Connected, ConnectionState.Reconnecting);
        _clock.Advance(TimeSpan.FromSeconds(4));
        Become(ConnectionState.Connected);
        _clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Empty(_told);
    }

    [Fact]
    public void A_long_one_is_told_once_with_its_error_and_so_is_its_end()
    {
        IOException error = new("gone");
        Become(ConnectionState.Connected, ConnectionState.Reconnecting);
        _watch.Changed(new ConnectionChangedEventArgs(ConnectionState.Reconnecting, ConnectionState.Reconnecting, error));
        _clock.Advance(TimeSpan.FromSeconds(5));
        Become(ConnectionState.Reconnecting);
        _clock.Advance(TimeSpan.FromSeconds(60));
        Become(ConnectionState.Connected);
        Assert.Equal([(LossPhase.Lost, error), (LossPhase.Restored, null)], _told);
    }

    [Fact]
    public void A_first_connection_that_does_not_come_is_lost_too()
    {
        Become(ConnectionState.Connecting);
        _clock.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal([(LossPhase.Lost, null)], _told);
    }

    [Fact]
    public void A_refusal_is_told_at_once_and_nothing_after_it()
    {
        Become(ConnectionState.Connecting, ConnectionState.Failed);
        _clock.Advance(TimeSpan.FromSeconds(60));
        Assert.Equal([(LossPhase.Failed, null)], _told);
    }

    [Fact]
    public void A_client_that_is_disposed_loses_nothing()
    {
        Become(ConnectionState.Reconnecting, ConnectionState.Closed);
        _clock.Advance(TimeSpan.FromSeconds(60));
        Assert.Empty(_told);
    }

    private void Become(params ConnectionState[] states)
    {
        foreach (ConnectionState state in states)
        {
            _watch.Changed(new ConnectionChangedEventArgs(default, state));
        }
    }
}
