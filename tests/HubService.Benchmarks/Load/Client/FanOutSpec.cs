namespace HubService.Benchmarks.Load.Client;

/// <summary>A window of fan-out: events of some groups, each to the group's members.</summary>
/// <param name="Rate">Events per second of each group; with <paramref name="InFlight"/> it is not used.</param>
/// <param name="InFlight">More than 0: as many events as the servers take, with at most so many on their way at once.</param>
/// <param name="EventBytes">The size of an event as it is published.</param>
/// <param name="Publishers">Connections that publish.</param>
/// <param name="Stalled">Members of the first group that never read.</param>
/// <param name="Answered">Each publish is answered, and the time until then is measured.</param>
/// <param name="Prefix">What groups are named by, another one in each window.</param>
internal sealed record FanOutSpec(
    Target Target,
    int Groups,
    int Members,
    double Rate,
    int InFlight,
    int EventBytes,
    int Publishers,
    int Stalled,
    bool Answered,
    double WarmUp,
    double Seconds,
    string Prefix)
{
    public string Group(int index) => $"{Prefix}-{index}";
}
