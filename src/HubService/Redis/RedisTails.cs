using System.Collections.Concurrent;
using HubService.Contracts;
using HubService.Streams;

namespace HubService.Redis;

/// <summary>The streams this node follows: subscribes to each once, and every second compares those that were quiet with the log, so that a lost last event is found without another one.</summary>
/// <param name="read">A page of the log.</param>
internal sealed class RedisTails(RedisLink link, RedisKeys keys, TimeProvider time, RedisHeads heads, Func<StreamKey, StreamPosition, Task<LogPage>> read)
{
    private static readonly TimeSpan SubscribeTimeout = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan QuietTime = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Linger = TimeSpan.FromSeconds(10);

    /// <summary>What all recent entries may weigh together; those of the streams that were quiet longest go first.</summary>
    private const long RecentBytes = 64 * 1024 * 1024;

    private readonly ConcurrentDictionary<StreamKey, Lazy<Task<RedisTail>>> _tails = new();

    /// <summary>The stream's tail, if this node follows it.</summary>
    public RedisTail? Find(StreamKey stream) =>
        _tails.TryGetValue(stream, out Lazy<Task<RedisTail>>? tail) && tail is { IsValueCreated: true, Value.IsCompletedSuccessfully: true } ? tail.Value.Result : null;

    public async Task<Following> FollowAsync(StreamKey stream, Action<LogBatch> follower)
    {
        while (true)
        {
            Lazy<Task<RedisTail>> opening = _tails.GetOrAdd(stream, key => new Lazy<Task<RedisTail>>(() => OpenAsync(key)));
            try
            {
                Following following = (await opening.Value).Add(follower);
                if (_tails.TryGetValue(stream, out Lazy<Task<RedisTail>>? now) && now == opening)
                {
                    return following;
                }

                // It was let go a moment before.
                following.Dispose();
            }
            catch (LogException)
            {
                _tails.TryRemove(new KeyValuePair<StreamKey, Lazy<Task<RedisTail>>>(stream, opening));
                throw;
            }
        }
    }

    /// <summary>After new connections: every stream is subscribed again, and compared.</summary>
    public async Task SubscribeAgainAsync()
    {
        try
        {
            await Task.WhenAll(All().Select(SubscribeAsync));
            await ProbeAsync([.. All()]);
        }
        catch (LogException)
        {
            // The connections are not the last ones: whoever makes the next calls again.
        }
    }

    /// <summary>One pass: compares the quiet ones, lets the unused ones go.</summary>
    public async Task PassOnceAsync()
    {
        List<RedisTail> quiet = [];
        foreach (RedisTail tail in All())
        {
            TimeSpan since = time.GetElapsedTime(tail.HeardAt);
            if (!tail.IsFollowed && since > Linger)
            {
                LetGo(tail);
            }
            else if (since >= QuietTime)
            {
                quiet.Add(tail);
            }
        }

        await ProbeAsync(quiet);
        Weigh();
    }

    private IEnumerable<RedisTail> All() => _tails.Keys.Select(Find).OfType<RedisTail>();

    private async Task<RedisTail> OpenAsync(StreamKey stream)
    {
        var tail = new RedisTail(stream, position => read(stream, position)) { HeardAt = time.GetTimestamp() };
        await SubscribeAsync(tail);
        tail.Open(await heads.ReadAsync(stream));
        return tail;
    }

    private async Task SubscribeAsync(RedisTail tail)
    {
        try
        {
            await link.Subscriber.SubscribeAsync(keys.Of(tail.Stream).Channel, (_, frame) => Heard(tail, frame)).WaitAsync(SubscribeTimeout, time);
        }
        catch (Exception e) when (RedisFailure.IsTransient(e))
        {
            throw RedisFailure.Unavailable(e);
        }
    }

    private void Heard(RedisTail tail, byte[] frame)
    {
        tail.HeardAt = time.GetTimestamp();
        if (tail.Frames.Read(frame) is { } batch)
        {
            tail.Take(batch);
        }
    }

    private async Task ProbeAsync(List<RedisTail> tails)
    {
        foreach (RedisTail[] some in tails.Chunk(RedisHeads.AtOnce))
        {
            try
            {
                (LogHead Head, LogException? Failed)[] now = await heads.ReadAsync([.. some.Select(t => t.Stream)]);
                for (int i = 0; i < some.Length; i++)
                {
                    // What cannot be read is asked for again by the next pass.
                    if (now[i].Failed is null)
                    {
                        some[i].Probe(now[i].Head);
                    }
                }
            }
            catch (LogException)
            {
                // The next pass asks again.
            }
        }
    }

    private void LetGo(RedisTail tail)
    {
        if (_tails.TryRemove(tail.Stream, out _))
        {
            tail.Forget();
            try
            {
                _ = link.Subscriber.UnsubscribeAsync(keys.Of(tail.Stream).Channel);
            }
            catch (Exception e) when (RedisFailure.IsTransient(e))
            {
                // Nothing is subscribed on connections that are gone.
            }
        }
    }

    private void Weigh()
    {
        long weight = All().Sum(t => t.RecentBytes);
        if (weight > RecentBytes)
        {
            foreach (RedisTail tail in All().OrderBy(t => t.HeardAt).TakeWhile(_ => weight > RecentBytes / 2))
            {
                weight -= tail.Forget();
            }
        }
    }
}
