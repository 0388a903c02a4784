using System.Runtime.CompilerServices;
using HubService.Contracts;

namespace HubService.Client;

/// <summary>The streams one client follows, by id. Resumes them all when the connection comes back.</summary>
internal sealed class Subscriptions : IDisposable
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, StreamFeed> _feeds = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource _stop = new();
    private readonly HubLink _link;
    private readonly HubServiceClientOptions _options;
    private readonly Action<RecoveryEventArgs> _recovery;

    /// <param name="recovery">Told of every answer to Subscribe, on no particular thread; must not block or throw.</param>
    public Subscriptions(HubLink link, HubServiceClientOptions options, Action<RecoveryEventArgs> recovery)
    {
        (_link, _options, _recovery) = (link, options, recovery);
        link.Changed += (_, change) =>
        {
            if (change.State == ConnectionState.Connected)
            {
                int connection = _link.Connections;
                Each(f => f.Reconnected(connection));
            }
            else if (change.State == ConnectionState.Failed)
            {
                // A quiet stream would never hear of it.
                Each(f => f.Fail(change.Error!));
            }
        };
        link.On<SessionEvent<HistoryLost>>(nameof(ISessionClient.HistoryLost), e => Find(e.Payload.Stream)?.HistoryLost(e.Payload.From, e.Payload.To));
        link.On<SessionEvent<StreamReset>>(nameof(ISessionClient.Reset), e => Find(e.Payload.Stream)?.Reset(e.Payload.Epoch, e.Payload.LastValid));
    }

    /// <summary>Gaps repaired on the streams that are followed now.</summary>
    public long Gaps
    {
        get
        {
            lock (_gate)
            {
                return _feeds.Values.Sum(f => f.Gaps);
            }
        }
    }

    public StreamFeed? Find(string stream)
    {
        lock (_gate)
        {
            return _feeds.GetValueOrDefault(stream);
        }
    }

    public async IAsyncEnumerable<StreamItem> SubscribeAsync(
        StreamId stream, StreamPosition? from, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using CancellationTokenSource linked = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _stop.Token);
        Subscriber subscriber = new(from, _options.BufferedEvents);
        StreamFeed feed = Join(stream, subscriber);
        try
        {
            do
            {
                while (subscriber.Items.TryRead(out StreamItem? item))
                {
                    yield return item;
                }

                feed.Drained(subscriber);
            }
            while (await subscriber.Items.WaitToReadAsync(linked.Token));
        }
        finally
        {
            feed.Remove(subscriber);
        }
    }

    public void Dispose()
    {
        _stop.Cancel();
        _stop.Dispose();
    }

    private StreamFeed Join(StreamId stream, Subscriber subscriber)
    {
        lock (_gate)
        {
            if (!_feeds.TryGetValue(stream.ToString(), out StreamFeed? feed))
            {
                _feeds[stream.ToString()] = feed = new StreamFeed(
                    stream,
                    new FeedPort(
                        WaitConnectedAsync,
                        (position, ct) => _link.CallAsync<SubscribeResult>("Subscribe", [stream.Id, position?.ToString()], ct),
                        ct => _link.CallAsync<Accepted>("Unsubscribe", [stream.Id], ct),
                        _recovery,
                        idle => Forget(stream, idle)),
                    _options,
                    _stop.Token);
            }

            feed.Add(subscriber);
            return feed;
        }
    }

    private async Task<int> WaitConnectedAsync(CancellationToken cancellationToken)
    {
        await _link.WaitConnectedAsync(cancellationToken);
        return _link.Connections;
    }

    private void Forget(StreamId stream, StreamFeed feed)
    {
        lock (_gate)
        {
            if (feed.Idle)
            {
                _feeds.Remove(stream.ToString());
            }
        }
    }

    private void Each(Action<StreamFeed> action)
    {
        lock (_gate)
        {
            foreach (StreamFeed feed in _feeds.Values)
            {
                action(feed);
            }
        }
    }
}
