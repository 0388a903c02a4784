using System.Runtime.InteropServices;

namespace HubService.Wire;

/// <summary>
/// How closely the writes for one connection follow each other: the time between two of them, averaged so that the latest eight or
/// so count. A pause makes it quiet; a few that were late and come together do not make it busy. Its owner holds a lock around
/// every call.
/// </summary>
/// <param name="longest">A longer time counts as this, and this is what it begins with. In timestamps of the service's clock, as all here.</param>
[StructLayout(LayoutKind.Auto)]
internal struct Pace(long longest)
{
    private readonly long _longest = longest;
    private long _last = long.MinValue / 2;
    private long _average = longest;

    /// <summary>Counts one more, and tells the average with it.</summary>
    public long Count(long now)
    {
        _average += (Math.Min(now - _last, _longest) - _average) / 8;
        _last = now;
        return _average;
    }
}
