using BenchmarkDotNet.Attributes;
using HubService.Streams;

namespace HubService.Benchmarks.Inner;

/// <summary>One batch after the other into the log of each store, until it is kept.</summary>
public class AppendBenchmarks
{
    private ReadOnlyMemory<byte> _body;
    private ServiceInProcess? _service;
    private IEventLog? _log;

    [ParamsSource(nameof(Stores))]
    public string Store { get; set; } = "";

    /// <summary>Events in a batch.</summary>
    [Params(1, 10, 100)]
    public int Batch { get; set; }

    public static IEnumerable<string> Stores => ServiceInProcess.Stores;

    // The toolchain that works in this process does not wait for a setup.
    [GlobalSetup]
    public void Setup() => SetupAsync().GetAwaiter().GetResult();

    [GlobalCleanup]
    public void CleanUp() => _service!.DisposeAsync().AsTask().GetAwaiter().GetResult();

    [Benchmark(Description = "append a batch")]
    public async Task<long> AppendAsync() => (await _log!.AppendAsync(ServiceInProcess.Stream, SampleEvents.Batch(Batch, _body))).Head;

    private async Task SetupAsync()
    {
        _body = SampleEvents.Body(SampleEvents.Draft(200));
        _service = await ServiceInProcess.StartAsync(Store);
        _log = _service.Log;
    }
}
