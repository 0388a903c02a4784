using System.Runtime.InteropServices;

namespace HubService.Wire;

/// <summary>
/// How closely the writes for one connection follow each other: the time between two of them, averaged so that the latest sixteen
/// or so count. A pause makes it quiet; a few that were late and come together do not make it busy. Its owner holds a lock around
/// every call.
/// </summary>
/// <param name="quiet">The least average after a pause. In timestamps of the service's clock, as all here.</param>
[StructLayout(LayoutKind.Auto)]
internal struct Pace(long quiet)
{
    private const int Latest = 16;

    /// <summary>A longer time counts as this, so that one long pause is not all that is remembered.</summary>
    private readonly long _longest = Latest * quiet;
    private long _last = long.MinValue / 2;
    private long _average;

    /// <summary>Counts one more, and tells the average with it.</summary>
    public long Count(long now)
    {
        _average += (Math.Min(now - _last, _longest) - _average) / Latest;
        _last = now;
        return _average;
    }
}
