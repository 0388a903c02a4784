using HubService.Access;
using HubService.Contracts;
using Microsoft.Extensions.Options;

namespace HubService.Limits;

/// <summary>How often a principal may send: one bucket per hub connection, and one per subject for all that it sends over HTTP.</summary>
internal sealed class MessageRates(IOptions<LimitOptions> options, TimeProvider time)
{
    private const int SweepFrom = 1_000;

    private readonly Lock _gate = new();
    private readonly Dictionary<(string Tenant, string Subject, bool Publisher), TokenBucket> _overHttp = [];
    private int _sweepAt = SweepFrom;

    /// <summary>The bucket of a new connection.</summary>
    public TokenBucket BucketOf(Principal principal)
    {
        LimitOptions limits = options.Value;
        return IsPublisher(principal)
            ? new TokenBucket(limits.PublisherMessagesPerSecond, limits.PublisherMessagesPerSecond, time)
            : new TokenBucket(limits.MessagesPerSecond, limits.MessageBurst, time);
    }

    /// <summary>Null when the request may pass.</summary>
    public HubError? TakeOverHttp(Principal principal)
    {
        TokenBucket? bucket;
        lock (_gate)
        {
            (string, string, bool) key = (principal.Tenant, principal.Subject, IsPublisher(principal));
            if (!_overHttp.TryGetValue(key, out bucket))
            {
                SweepUnsynchronized();
                bucket = _overHttp[key] = BucketOf(principal);
            }
        }

        return Take(bucket);
    }

    /// <summary>Null when the message may pass.</summary>
    public static HubError? Take(TokenBucket bucket)
    {
        if (bucket.TryTake() is not { } wait)
        {
            return null;
        }

        long waitMs = (long)Math.Ceiling(wait.TotalMilliseconds);
        return new HubError(ErrorCodes.RateLimited, $"Too many messages; wait {waitMs} ms.").With("retry_after_ms", waitMs);
    }

    /// <summary>A full bucket says no more than a new one.</summary>
    private void SweepUnsynchronized()
    {
        if (_overHttp.Count >= _sweepAt)
        {
            foreach ((string, string, bool) key in _overHttp.Where(b => b.Value.IsFull).Select(b => b.Key).ToList())
            {
                _overHttp.Remove(key);
            }

            _sweepAt = Math.Max(SweepFrom, 2 * _overHttp.Count);
        }
    }

    private static bool IsPublisher(Principal principal) => principal.Is(Roles.Publisher | Roles.Worker | Roles.Admin);
}
