using System.Runtime.InteropServices;
using HubService.Benchmarks.Load.Reporting;
using HubService.Benchmarks.Load.Servers;

namespace HubService.Benchmarks.Load;

/// <summary>The verb <c>load</c>: measures, prints the tables, keeps the rounds as JSON. Whatever ends it, it ends its servers.</summary>
internal static class LoadCommand
{
    /// <returns>0; 1 when an event was lost, a window failed, a server did not start, or it was told to stop; 2 when the options are wrong.</returns>
    public static async Task<int> RunAsync(string[] arguments)
    {
        using CancellationTokenSource stop = new();
        using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        using PosixSignalRegistration terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        try
        {
            LoadOptions options = LoadOptions.Parse(arguments);
            var run = new LoadRun(DateTimeOffset.FromUnixTimeSeconds(TimeProvider.System.GetUtcNow().ToUnixTimeSeconds()), Machine.Describe(), string.Join(' ', arguments), []);
            using var bench = new Bench(options, run.Rows, stop.Token);
            bool isWhole = false;
            try
            {
                await bench.RunAsync();
                isWhole = true;
            }
            catch (Exception e) when (e is OperationCanceledException or BenchmarkException)
            {
                Console.Error.WriteLine(e is BenchmarkException ? e.Message : "Stopped.");
                Console.Error.WriteLine("What was measured until now is kept.");
            }

            string tables = MarkdownTables.Of(run);
            Console.Out.WriteLine(tables);
            Console.Error.WriteLine($"Kept as {run.Save(options.Out, tables)}");
            return isWhole && run.Rows.Count > 0 && run.Rows.All(r => r.IsGood) ? 0 : 1;
        }
        catch (UsageException e)
        {
            Console.Error.WriteLine(e.Message);
            return 2;
        }
        finally
        {
            ChildProcess.EndAll();
        }

        void Stop(PosixSignalContext context)
        {
            context.Cancel = true;
            stop.Cancel();
        }
    }
}
