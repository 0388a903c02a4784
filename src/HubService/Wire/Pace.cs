using System.Runtime.InteropServices;

namespace HubService.Wire;

/// <summary>
/// How closely the writes for one connection follow each other: the time between two of them, averaged so that the latest sixteen
/// or so count. A pause makes it quiet; a few that were late and come together do not make it busy. Its owner holds a lock around
/// every call. All times are timestamps of the service's clock.
/// </summary>
/// <param name="quiet">The highest average: what it is at first, and whatever was before, after a pause of sixteen times as long.</param>
[StructLayout(LayoutKind.Auto)]
internal struct Pace(long quiet)
{
    private const int Latest = 16;

    private readonly long _quiet = quiet;
    private long _last = long.MinValue / 2;
    private long _average = quiet;

    /// <summary>Counts one more, and tells the average with it.</summary>
    public long Count(long now)
    {
        _average = Math.Min(_quiet, _average + ((now - _last - _average) / Latest));
        _last = now;
        return _average;
    }
}
