using System.Diagnostics;
using System.Globalization;
using HubService.Benchmarks.Load.Client;
using HubService.Benchmarks.Load.Reporting;
using HubService.Benchmarks.Load.Scenarios;
using HubService.Benchmarks.Load.Servers;

namespace HubService.Benchmarks.Load;

/// <summary>
/// Lets servers take turns, window by window, round by round, so that whatever the machine does at a time it does to all of them.
/// </summary>
/// <param name="rows">Gets each window as it is measured.</param>
internal sealed class Bench(LoadOptions options, List<Row> rows, CancellationToken stop) : IDisposable
{
    private const int Attempts = 3;

    private readonly List<Server> _servers = [];
    private readonly long _began = Stopwatch.GetTimestamp();
    private ClientProcess _client = new();
    private int _windows;

    /// <exception cref="UsageException">A scenario has no such name.</exception>
    /// <exception cref="BenchmarkException">A server does not start.</exception>
    /// <exception cref="OperationCanceledException">It was told to stop.</exception>
    public async Task RunAsync()
    {
        List<Scenario> scenarios = [.. options.Scenarios.SelectMany(ScenarioTable.Matching)];
        List<Scenario> steady = [.. scenarios.Where(s => !s.Fresh)], fresh = [.. scenarios.Where(s => s.Fresh)];
        await StartAsync(steady);
        for (int round = 1 - options.Rehearsals; round <= options.Rounds; round++)
        {
            foreach (Scenario scenario in steady)
            {
                foreach (Server server in ServerTable.For(scenario.Servers, _servers))
                {
                    // What is compiled for this load alone is compiled in the rehearsals.
                    Row row = round > 0 ? await MeasureAsync(scenario, server, round) : await MeasureOnceAsync(scenario, server, round);
                    if (round > 0 || !row.IsGood)
                    {
                        rows.Add(row);
                    }
                }
            }
        }

        _servers.ForEach(s => s.Stop());
        for (int round = 1; round <= options.Rounds; round++)
        {
            foreach (Scenario scenario in fresh)
            {
                foreach (Server server in ServerTable.For(scenario.Servers, ServerTable.Create([scenario.Servers], options)))
                {
                    using (server)
                    {
                        rows.Add(await MeasureAsync(scenario, server, round));
                    }
                }
            }
        }
    }

    public void Dispose()
    {
        _servers.ForEach(s => s.Dispose());
        _client.Dispose();
    }

    private async Task StartAsync(IEnumerable<Scenario> scenarios)
    {
        _servers.AddRange(ServerTable.Create([.. scenarios.Select(s => s.Servers).Distinct()], options));
        foreach (Server server in _servers)
        {
            await server.StartAsync(stop);
            Window window = NextWindow() with { WarmUp = options.ServerWarmUp, Seconds = 0.2 };
            await _client.AskAsync(ScenarioTable.WarmUp.Measure(server.Target, window), ScenarioTable.WarmUp.Limit(window), stop);
            Say($"{server.Name} is warm");
        }
    }

    /// <summary>Measures until others leave the machine alone, a few times at most; the quietest one counts.</summary>
    private async Task<Row> MeasureAsync(Scenario scenario, Server server, int round)
    {
        Row? best = null;
        for (int attempt = 1; attempt <= Attempts && (best is null || best.Figures.Get("other_cores") > options.MaxOther); attempt++)
        {
            if (scenario.Fresh)
            {
                server.Stop();
                await server.StartAsync(stop);
            }

            Row row = await MeasureOnceAsync(scenario, server, round);
            Say($"round {round} {row}");
            best = best is null || !row.IsGood || row.Figures.Get("other_cores") < best.Figures.Get("other_cores") ? row : best;
            if (!row.IsGood)
            {
                break;
            }
        }

        return best!;
    }

    private async Task<Row> MeasureOnceAsync(Scenario scenario, Server server, int round)
    {
        Window window = NextWindow();
        try
        {
            foreach (ClientTask task in scenario.Prepare(server.Target, window))
            {
                await _client.AskAsync(task, scenario.Limit(window), stop);
            }

            return new Row(scenario.Name, server.Name, round, await _client.AskAsync(scenario.Measure(server.Target, window), scenario.Limit(window), stop), null);
        }
        catch (BenchmarkException e)
        {
            // A client that was given up may be in the midst of something.
            _client.Dispose();
            _client = new ClientProcess();
            return new Row(scenario.Name, server.Name, round, [], e.Message);
        }
    }

    private Window NextWindow() => new(options.WarmUp, options.Seconds, string.Create(CultureInfo.InvariantCulture, $"w{++_windows}"), options.Scale);

    private void Say(string what) => Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"[{Stopwatch.GetElapsedTime(_began).TotalSeconds,6:0.0} s] {what}"));
}
