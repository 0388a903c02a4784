namespace HubService.Client;

/// <summary>
/// Full jitter: attempt n waits a random part of <c>first * 2^n</c>, at most <c>max</c>, so that clients which lost the same
/// node do not come back in step. It never gives up; cancel the call or dispose the client to stop.
/// </summary>
public sealed class RetryPolicy
{
    private readonly Lock _gate = new();
    private readonly TimeSpan _first;
    private readonly TimeSpan _max;
    private readonly Random _random;

    /// <param name="first">The upper bound of the first wait; 0.5 s by default.</param>
    /// <param name="max">The upper bound of every wait; 20 s by default.</param>
    /// <param name="random">The source of jitter.</param>
    public RetryPolicy(TimeSpan? first = null, TimeSpan? max = null, Random? random = null)
    {
        _first = first ?? TimeSpan.FromSeconds(0.5);
        _max = max ?? TimeSpan.FromSeconds(20);
        _random = random ?? new Random();
        ArgumentOutOfRangeException.ThrowIfLessThan(_first, TimeSpan.Zero, nameof(first));
        ArgumentOutOfRangeException.ThrowIfLessThan(_max, _first, nameof(max));
    }

    /// <summary>The upper bound of the wait before an attempt.</summary>
    /// <param name="attempt">0 for the first retry.</param>
    public TimeSpan Ceiling(int attempt) =>
        TimeSpan.FromTicks((long)Math.Min(_max.Ticks, _first.Ticks * Math.Pow(2, Math.Clamp(attempt, 0, 62))));

    /// <summary>The wait before an attempt.</summary>
    /// <param name="attempt">0 for the first retry.</param>
    public TimeSpan Delay(int attempt) => Part(Ceiling(attempt));

    /// <summary>A random part of a span.</summary>
    internal TimeSpan Part(TimeSpan span)
    {
        lock (_gate)
        {
            return span * _random.NextDouble();
        }
    }
}
