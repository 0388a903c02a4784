using HubService.Benchmarks.Load.Client;

namespace HubService.Benchmarks.Load.Scenarios;

/// <summary>One kind of load: what it asks the client to do, and which of the figures count.</summary>
/// <param name="name">As the command line has it.</param>
/// <param name="title">What it is, for a table's head.</param>
internal abstract class Scenario(string name, string title)
{
    private static readonly TimeSpan Overhead = TimeSpan.FromSeconds(120);

    public string Name => name;

    public string Title => title;

    /// <summary>The servers that it is measured on.</summary>
    public virtual ServerSet Servers => ServerSet.OneNode;

    /// <summary>True: each window is a server's first.</summary>
    public virtual bool Fresh => false;

    /// <summary>The first is the one of which ratios are formed.</summary>
    public abstract IReadOnlyList<Column> Columns { get; }

    /// <summary>What to do before the window on a server that is fresh, so that its code is compiled and its pools are filled.</summary>
    public virtual IEnumerable<ClientTask> Prepare(Target target, Window window) => [];

    public abstract ClientTask Measure(Target target, Window window);

    /// <summary>After this the client is given up.</summary>
    public virtual TimeSpan Limit(Window window) => Overhead + TimeSpan.FromSeconds(window.WarmUp + window.Seconds);
}

/// <summary>Which servers a scenario compares.</summary>
internal enum ServerSet
{
    /// <summary>Bare SignalR and the hub, one node each.</summary>
    OneNode,

    /// <summary>The same with two nodes over Redis.</summary>
    TwoNodes,

    /// <summary>What only the hub has: over SQLite and over Redis, one node each.</summary>
    HubAlone,
}

/// <summary>One measurement of one server.</summary>
/// <param name="WarmUp">Seconds of load before it.</param>
/// <param name="Seconds">Its length.</param>
/// <param name="Prefix">For names of groups, another one in each window.</param>
/// <param name="Scale">Less than 1: with so much less of all connections, to see that it works.</param>
internal sealed record Window(double WarmUp, double Seconds, string Prefix, double Scale)
{
    /// <summary>A number of connections, scaled.</summary>
    public int Of(int count) => Math.Max(1, (int)(count * Scale));
}

/// <param name="Figure">Its name among the figures.</param>
/// <param name="IsRatio">Its ratio to the first server in the same round is shown too.</param>
internal sealed record Column(string Figure, string Title, bool IsRatio = false);
