namespace HubService.Tests;

/// <summary>The real clock, which the test may set forward; timers go on as they are.</summary>
internal sealed class ShiftedClock : TimeProvider
{
    /// <summary>How far the time of day is ahead.</summary>
    public TimeSpan Shift { get; set; }

    /// <summary>How much more time has passed for whoever measures it.</summary>
    public TimeSpan Elapsed { get; set; }

    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + Shift;

    public override long GetTimestamp() => base.GetTimestamp() + (long)(Elapsed.TotalSeconds * TimestampFrequency);
}
