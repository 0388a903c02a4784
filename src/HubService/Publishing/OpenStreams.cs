using System.Collections.Concurrent;
using HubService.Access;
using HubService.Contracts;
using HubService.Streams;
using Microsoft.Extensions.Options;

namespace HubService.Publishing;

/// <summary>The streams this node has in hand, loaded on first use and let go when idle.</summary>
internal sealed class OpenStreams(
    IEventLog log,
    IEnumerable<IStreamRules> rules,
    Rollbacks rollbacks,
    IOptions<PublishOptions> options,
    TimeProvider time,
    ILogger<OpenStreams> logger) : IStreamFacts
{
    /// <summary>How many streams a starting node loads at a time: enough that they share the log's commits.</summary>
    private const int LoadedAtOnce = 16;

    private readonly Dictionary<string, IStreamRules> _rules = rules.ToDictionary(r => r.Kind, StringComparer.Ordinal);
    private readonly ConcurrentDictionary<StreamKey, OpenStream> _open = new();

    /// <summary>Brings a stream level with the log and looks at it, which is no use of it.</summary>
    public Task<Outcome> LookAsync(StreamKey stream, Func<IStreamState, object?> look) => Get(stream).LookAsync(look);

    public Task<Outcome> SubmitAsync(StreamKey stream, Func<IStreamState, Decision> decide, IReadOnlyList<EventDraft>? drafts = null) =>
        Get(stream).SubmitAsync(decide, drafts);

    public Task<Outcome> SubmitAsync(StreamKey stream, Submission submission) => Get(stream).SubmitAsync(submission);

    /// <summary>The answer to an event that was published before, after whatever is on its way to the stream; null when it was not.</summary>
    public async ValueTask<PublishResult?> FindSentAsync(StreamKey stream, EventDraft draft)
    {
        await SubmitAsync(stream, static _ => Decision.Look(null));
        return (await KnownEvents.FindAsync(log, _rules[stream.Kind], stream, [draft.EventId]))?.Answer(draft);
    }

    public async ValueTask<StreamFacts> OfAsync(string tenant, StreamId stream, CancellationToken cancellationToken = default)
    {
        OpenStream open = Get(new StreamKey(tenant, stream));
        if (!log.IsShared && open.Facts is { } facts)
        {
            return facts;
        }

        Outcome outcome = await open.SubmitAsync(static state => Decision.Look(state.Facts));
        return outcome.Answer as StreamFacts ?? throw new LogException(outcome.Error?.Code ?? ErrorCodes.StoreUnavailable, outcome.Error?.Message ?? "The stream cannot be read.");
    }

    /// <summary>What a batch on its way makes of the facts stands when that batch has been kept, which its followers hear of before.</summary>
    public async ValueTask RefreshAsync(string tenant, StreamId stream)
    {
        Outcome outcome = await Get(new StreamKey(tenant, stream)).LookAsync();
        if (outcome.Error is { } error)
        {
            throw new LogException(error.Code, error.Message);
        }
    }

    /// <summary>Completes when the rules have heard of what is on its way to the streams from this node. Followers are sent an event before.</summary>
    public Task SettledAsync(IEnumerable<StreamKey> streams) =>
        Task.WhenAll(streams.Select(s => _open.TryGetValue(s, out OpenStream? open) ? open.SettledAsync() : Task.CompletedTask));

    /// <summary>The same for every stream of a tenant and kind.</summary>
    public Task SettledAsync(string tenant, string kind) => SettledAsync(_open.Select(o => o.Key).Where(s => s.Tenant == tenant && s.Kind == kind));

    /// <summary>Loads every stream that was left with something to end, several at once, so that its rules can end it.</summary>
    public Task<int> RecoverAsync(CancellationToken cancellationToken) =>
        RecoverAsync(static _ => true, static open => open.SaveSnapshotAsync(), cancellationToken);

    /// <summary>The same for the streams that this node keeps from now on.</summary>
    /// <exception cref="LogException">Not every one of them could be taken over.</exception>
    public Task<int> TakeOverAsync(Func<StreamKey, bool> keeps, CancellationToken cancellationToken) =>
        RecoverAsync(
            keeps,
            static async open =>
            {
                bool loads = open.Facts is null;
                if ((await open.TakeOverAsync()).Error is { } error)
                {
                    throw new LogException(error.Code, error.Message);
                }

                await (loads ? open.SaveSnapshotAsync() : Task.CompletedTask);
            },
            cancellationToken);

    /// <summary>Brings the unsettled streams that this node keeps level with the log, in case it was not told of everything that other nodes appended.</summary>
    public Task<int> CatchUpAsync(Func<StreamKey, bool> keeps, CancellationToken cancellationToken) =>
        RecoverAsync(keeps, static open => open.Facts is null ? open.SaveSnapshotAsync() : open.LookAsync(), cancellationToken);

    private async Task<int> RecoverAsync(Func<StreamKey, bool> keeps, Func<OpenStream, Task> recover, CancellationToken cancellationToken)
    {
        int count = 0;
        await Parallel.ForEachAsync(
            log.UnsettledAsync(cancellationToken),
            new ParallelOptions { MaxDegreeOfParallelism = LoadedAtOnce, CancellationToken = cancellationToken },
            async (stream, _) =>
            {
                if (_rules.ContainsKey(stream.Kind) && keeps(stream))
                {
                    await recover(Get(stream));
                    Interlocked.Increment(ref count);
                }
            });
        return count;
    }

    /// <summary>Brings every stream in hand level with the log, so that the publishers of what was rolled back hear of it though they publish nothing now.</summary>
    /// <exception cref="LogException">Not every one could be looked at.</exception>
    public Task LookAgainOnceAsync() => Parallel.ForEachAsync(
        _open.Values,
        new ParallelOptions { MaxDegreeOfParallelism = LoadedAtOnce },
        static async (open, _) =>
        {
            if ((await open.LookAsync()).Error is { } error)
            {
                throw new LogException(error.Code, error.Message);
            }
        });

    /// <summary>One pass: saves and lets go the streams nobody used for a while.</summary>
    public async Task LetGoOnceAsync()
    {
        foreach ((StreamKey key, OpenStream open) in _open)
        {
            if (open.IsIdle(options.Value.IdleAfter))
            {
                await open.SaveSnapshotAsync();

                // Whoever fetched the object before it was removed still publishes through it; its head check finds a newer writer.
                _open.TryRemove(new KeyValuePair<StreamKey, OpenStream>(key, open));
            }
        }
    }

    /// <summary>Saves every projection, for a clean stop.</summary>
    public Task SaveAllAsync() => Task.WhenAll(_open.Values.Select(o => o.SaveSnapshotAsync()));

    private OpenStream Get(StreamKey stream) => _open.TryGetValue(stream, out OpenStream? open)
        ? open
        : _open.GetOrAdd(stream, new OpenStream(stream, _rules[stream.Kind], log, rollbacks, time, logger));
}
