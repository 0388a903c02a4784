using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Diagnosers;
using BenchmarkDotNet.Exporters;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Loggers;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using HubService.Benchmarks.Load.Servers;

namespace HubService.Benchmarks.Inner;

/// <summary>The verb <c>inner</c>: BenchmarkDotNet, with its own options behind it.</summary>
internal static class InnerCommand
{
    private const string Results = "artifacts/benchmarks/inner";

    /// <returns>0; 1 when a benchmark did not run.</returns>
    public static int Run(string[] arguments)
    {
        // In this process: a generated project would have to be restored and built first.
        ManualConfig config = ManualConfig.CreateEmpty()
            .AddJob(Job.ShortRun.WithToolchain(InProcessEmitToolchain.Instance))
            .AddDiagnoser(MemoryDiagnoser.Default)
            .AddColumnProvider(DefaultColumnProviders.Instance)
            .AddLogger(ConsoleLogger.Default)
            .AddExporter(MarkdownExporter.GitHub)
            .WithArtifactsPath(Results);
        string[] selected = arguments.Length > 0 ? arguments : ["--filter", "*"];
        try
        {
            return BenchmarkSwitcher.FromAssembly(typeof(InnerCommand).Assembly).Run(selected, config).All(s => s.Reports.Length > 0 && s.Reports.All(r => r.Success)) ? 0 : 1;
        }
        finally
        {
            // One whose setup failed leaves its Redis.
            ChildProcess.EndAll();
        }
    }
}
