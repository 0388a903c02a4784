namespace HubService.Tests;

/// <summary>The real clock, which the test may set forward; timers go on as they are.</summary>
internal sealed class ShiftedClock : TimeProvider
{
    /// <summary>How far the time of day is ahead.</summary>
    public TimeSpan Shift { get; set; }

    /// <summary>For whoever measures it, no time passes by itself.</summary>
    public bool Stands { get; init; }

    /// <summary>How much more time has passed for whoever measures it.</summary>
    public TimeSpan Elapsed { get; set; }

    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + Shift;

    public override long GetTimestamp() => (Stands ? 0 : base.GetTimestamp()) + (long)(Elapsed.TotalSeconds * TimestampFrequency);
}
