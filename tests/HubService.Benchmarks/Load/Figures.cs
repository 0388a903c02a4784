namespace HubService.Benchmarks.Load;

/// <summary>What one window was measured at, by name; the unit is the end of the name.</summary>
internal sealed class Figures : Dictionary<string, double>
{
    public Figures()
        : base(StringComparer.Ordinal)
    {
    }

    public Figures With(string name, double value)
    {
        this[name] = value;
        return this;
    }

    /// <summary>0 when it was not measured.</summary>
    public double Get(string name) => TryGetValue(name, out double value) ? value : 0;
}
