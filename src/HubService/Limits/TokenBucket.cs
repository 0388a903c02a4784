namespace HubService.Limits;

/// <summary>Lets a number of messages through per second, and a burst after quiet.</summary>
internal sealed class TokenBucket(double perSecond, double burst, TimeProvider time)
{
    private readonly Lock _gate = new();
    private readonly double _burst = burst;
    private double _tokens = burst;
    private long _at = time.GetTimestamp();

    public bool IsFull
    {
        get
        {
            lock (_gate)
            {
                FillUnsynchronized();
                return _tokens >= _burst;
            }
        }
    }

    /// <summary>Takes one token; null when there was one, else how long until there is.</summary>
    public TimeSpan? TryTake()
    {
        lock (_gate)
        {
            FillUnsynchronized();
            if (_tokens >= 1)
            {
                _tokens--;
                return null;
            }

            return TimeSpan.FromSeconds((1 - _tokens) / perSecond);
        }
    }

    private void FillUnsynchronized()
    {
        long now = time.GetTimestamp();
        _tokens = Math.Min(_burst, _tokens + (time.GetElapsedTime(_at, now).TotalSeconds * perSecond));
        _at = now;
    }
}
