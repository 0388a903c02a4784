using System.Numerics;

namespace HubService.Benchmarks.Load.Client;

/// <summary>Counts times in nanoseconds, each within 1.6 % of what it was; adding one allocates nothing.</summary>
internal sealed class Histogram
{
    private const int Steps = 64;

    private readonly long[] _counts = new long[Steps * 60];

    public long Count { get; private set; }

    public long Max { get; private set; }

    public void Add(long nanoseconds)
    {
        long value = Math.Max(0, nanoseconds);
        _counts[IndexOf(value)]++;
        Count++;
        Max = Math.Max(Max, value);
    }

    /// <summary>In milliseconds; 0 when nothing was counted.</summary>
    /// <param name="share">0.5 for the median.</param>
    public double Milliseconds(double share)
    {
        long rank = (long)Math.Ceiling(share * Count), seen = 0;
        for (int i = 0; i < _counts.Length; i++)
        {
            seen += _counts[i];
            if (seen >= rank && seen > 0)
            {
                return Math.Min(Middle(i), Max) / 1e6;
            }
        }

        return 0;
    }

    private static int IndexOf(long value)
    {
        if (value < Steps)
        {
            return (int)value;
        }

        int power = BitOperations.Log2((ulong)value);
        return ((power - 5) * Steps) + (int)((value >> (power - 6)) & (Steps - 1));
    }

    private static double Middle(int index)
    {
        if (index < Steps)
        {
            return index;
        }

        int power = (index / Steps) + 5;
        return (1L << power) + (((index % Steps) + 0.5) * (1L << (power - 6)));
    }
}
