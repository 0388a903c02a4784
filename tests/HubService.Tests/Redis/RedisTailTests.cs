using HubService.Contracts;
using HubService.Redis;
using HubService.Streams;
using HubService.Tests.Client;

namespace HubService.Tests.Redis;

/// <summary>A tail takes what is published in any order and hands it on in order; what is missing it reads, one read at a time.</summary>
public sealed class RedisTailTests
{
    private static readonly StreamKey Stream = new("acme", StreamKind.Thread, "t");

    private readonly Lock _gate = new();
    private readonly List<LogEntry> _handed = [];
    private readonly List<LogHead> _nudges = [];
    private readonly List<StreamPosition> _reads = [];
    private readonly SemaphoreSlim _mayRead = new(1_000);
    private readonly RedisTail _tail;
    private LogHead _store = new("e", 0);
    private bool _fails;

    public RedisTailTests()
    {
        _tail = new RedisTail(Stream, ReadAsync);
        _tail.Add(batch =>
        {
            lock (_gate)
            {
                _handed.AddRange(batch.Entries);
                if (batch.Entries.Count == 0)
                {
                    _nudges.Add(batch.Head);
                }
            }
        });
    }

    [Fact]
    public void What_comes_in_order_is_handed_on_without_a_read()
    {
        Open(0);
        Publish(1, 3);
        Publish(4, 4);
        Publish(2, 4);

        Assert.Equal([1, 2, 3, 4], Handed);
        Assert.Empty(_reads);
    }

    // A client that resumed after a failover was answered out of the memory of the history before, although the node knew already.
    [Fact]
    public void What_may_have_been_rolled_back_is_not_read_from_memory()
    {
        Open(0);
        Publish(1, 3);
        Assert.Equal(2, _tail.TryRead(new StreamPosition("e", 1), 10, 100, 0)!.Entries.Count);

        _fails = true;
        _tail.Probe(new LogHead("after", 2));

        Assert.Null(_tail.TryRead(new StreamPosition("e", 1), 10, 100, 0));
    }

    [Fact]
    public void What_was_published_while_it_opened_is_handed_on_after()
    {
        Publish(3, 3);
        Publish(2, 2);
        Publish(1, 1);
        Open(1);

        Assert.Equal([2, 3], Handed);
        Assert.Empty(_reads);
    }

    [Fact]
    public async Task A_hole_is_read_once_and_what_comes_meanwhile_follows()
    {
        Open(0);
        Publish(1, 1);
        await _mayRead.WaitAsync();
        Gate(closed: true);
        Publish(3, 3);
        Publish(4, 4);
        Publish(6, 6);
        Publish(5, 5);
        Gate(closed: false);

        await Wait.Until(() => Handed.Count == 6);
        Assert.Equal([1, 2, 3, 4, 5, 6], Handed);
        Assert.InRange(_reads.Count, 1, 2);
    }

    [Fact]
    public async Task More_than_it_can_hold_is_read_instead()
    {
        Open(0);
        Gate(closed: true);
        for (int seq = 2; seq <= 1_000; seq++)
        {
            Publish(seq, seq);
        }

        Gate(closed: false);
        await Wait.Until(() => Handed.Count == 1_000);
        Assert.Equal(Enumerable.Range(1, 1_000).Select(i => (long)i), Handed);
    }

    [Fact]
    public async Task A_new_epoch_without_a_rollback_goes_on_with_the_next_event()
    {
        Open(5);
        _store = new LogHead("f", 6);
        _tail.Take(Batch("f", 6, 6));

        await Wait.Until(() => Handed.Count == 1);
        Assert.Equal([6], Handed);
        Assert.Empty(_nudges);
        Assert.Equal(new LogHead("f", 6), _tail.Head);
    }

    [Fact]
    public async Task A_rollback_is_told_and_what_was_published_before_it_is_dropped()
    {
        Open(5);
        Gate(closed: true);
        _tail.Take(Batch("phantom", 9, 9));
        _store = new LogHead("f", 3);
        _rolledBack = true;
        Gate(closed: false);

        await Wait.Until(() => _tail.Head == new LogHead("f", 3));
        Assert.Equal([new LogHead("f", 3)], _nudges);
        Assert.Empty(Handed);

        _store = new LogHead("f", 4);
        _tail.Take(Batch("f", 4, 4));
        Assert.Equal([4], Handed);
    }

    [Fact]
    public async Task A_read_that_failed_is_tried_again_by_the_next_probe()
    {
        Open(1);
        _fails = true;
        Publish(3, 3);
        await Wait.Until(() => _reads.Count == 1);
        _fails = false;

        await Wait.Until(() =>
        {
            _tail.Probe(_store);
            return Handed.Count == 2;
        });
        Assert.Equal([2, 3], Handed);
    }

    [Fact]
    public void A_page_comes_from_memory_when_all_of_it_is_there_and_may_be_read()
    {
        Open(5);
        Publish(6, 9);

        Assert.Equal([8, 9], _tail.TryRead(new StreamPosition("e", 7), 10, 100, 0)!.Entries.Select(e => e.Seq));
        Assert.Equal([6, 7], _tail.TryRead(new StreamPosition("e", 5), 2, 100, 0)!.Entries.Select(e => e.Seq));
        Assert.Empty(_tail.TryRead(new StreamPosition("e", 9), 10, 100, 0)!.Entries);
        Assert.Null(_tail.TryRead(new StreamPosition("e", 4), 10, 100, 0));
        Assert.Null(_tail.TryRead(new StreamPosition("e", 10), 10, 100, 0));
        Assert.Null(_tail.TryRead(new StreamPosition("d", 7), 10, 100, 0));
        Assert.Null(_tail.TryRead(new StreamPosition("e", 6), 10, 2, 0));
        Assert.Null(_tail.TryRead(new StreamPosition("e", 5), 10, 100, long.MaxValue));
    }

    private bool _rolledBack;

    private List<long> Handed
    {
        get
        {
            lock (_gate)
            {
                return [.. _handed.Select(e => e.Seq)];
            }
        }
    }

    private void Open(long seq)
    {
        _store = _store with { Seq = Math.Max(_store.Seq, seq) };
        _tail.Open(new LogHead("e", seq));
    }

    private void Publish(long from, long to)
    {
        _store = _store with { Seq = Math.Max(_store.Seq, to) };
        _tail.Take(Batch("e", from, to));
    }

    private void Gate(bool closed)
    {
        if (closed)
        {
            while (_mayRead.Wait(0))
            {
                // Every permit is taken.
            }
        }
        else
        {
            _mayRead.Release(1_000);
        }
    }

    private async Task<LogPage> ReadAsync(StreamPosition after)
    {
        lock (_gate)
        {
            _reads.Add(after);
        }

        await _mayRead.WaitAsync();
        if (_fails)
        {
            throw new LogException(ErrorCodes.StoreUnavailable, "As the test wants.");
        }

        return _rolledBack && after.Epoch != _store.Epoch
            ? new LogPage(ReadVerdict.Reset, _store.Epoch, _store.Seq, 1, _store.Seq, [])
            : new LogPage(ReadVerdict.Ok, _store.Epoch, _store.Seq, 1, 0, [.. Entries(after.Seq + 1, _store.Seq)]);
    }

    private static LogBatch Batch(string epoch, long from, long to) => new(Stream, new LogHead(epoch, to), [.. Entries(from, to)]);

    private static IEnumerable<LogEntry> Entries(long from, long to)
    {
        for (long seq = from; seq <= to; seq++)
        {
            yield return new LogEntry(seq, $"e{seq}", "agent_thinking", seq, new byte[10]);
        }
    }
}
