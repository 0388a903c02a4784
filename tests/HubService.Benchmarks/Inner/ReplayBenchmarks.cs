using BenchmarkDotNet.Attributes;
using HubService.Contracts;
using HubService.Delivery;
using HubService.Streams;

namespace HubService.Benchmarks.Inner;

/// <summary>A page read from the log of each store, and made into the bytes that a connection behind its stream gets.</summary>
public class ReplayBenchmarks
{
    private const int Held = 5_000;

    private ServiceInProcess? _service;
    private IEventLog? _log;
    private StreamPosition _middle;

    [ParamsSource(nameof(Stores))]
    public string Store { get; set; } = "";

    /// <summary>Events in a page; 200 is what is read for a connection by default.</summary>
    [Params(20, 200)]
    public int Page { get; set; }

    public static IEnumerable<string> Stores => ServiceInProcess.Stores;

    // The toolchain that works in this process does not wait for a setup.
    [GlobalSetup]
    public void Setup() => SetupAsync().GetAwaiter().GetResult();

    [GlobalCleanup]
    public void CleanUp() => _service!.DisposeAsync().AsTask().GetAwaiter().GetResult();

    [Benchmark(Description = "read a page")]
    public async Task<int> ReadAsync() => (await _log!.ReadAsync(ServiceInProcess.Stream, _middle, Page)).Entries.Count;

    [Benchmark(Description = "read a page and frame it")]
    public async Task<int> ReadAndFrameAsync()
    {
        LogPage page = await _log!.ReadAsync(ServiceInProcess.Stream, _middle, Page);
        int bytes = 0;
        for (int next = 0; next < page.Entries.Count;)
        {
            EventChunk chunk = EventChunk.Take(ServiceInProcess.Stream.Kind, page.Epoch, page.Entries, next);
            next += chunk.Count;
            bytes += chunk.Message.Frame.Length;
        }

        return bytes;
    }

    private async Task SetupAsync()
    {
        _service = await ServiceInProcess.StartAsync(Store);
        _log = _service.Log;
        ReadOnlyMemory<byte> body = SampleEvents.Body(SampleEvents.Draft(200));
        AppendResult? last = null;
        for (int i = 0; i < Held; i += 100)
        {
            last = await _log.AppendAsync(ServiceInProcess.Stream, SampleEvents.Batch(100, body));
        }

        _middle = new StreamPosition(last!.Epoch, Held / 2);
    }
}
