using BenchmarkDotNet.Attributes;
using HubService.Streams;

namespace HubService.Benchmarks.Inner;

/// <summary>One event appended in memory and written to every member's connection; the connections take everything at once, so that no system call is measured.</summary>
public class FanOutBenchmarks
{
    private ReadOnlyMemory<byte> _body;
    private ServiceInProcess? _service;
    private IEventLog? _log;

    /// <summary>Connections that subscribe to the stream.</summary>
    [Params(0, 1, 100, 1_000)]
    public int Members { get; set; }

    // The toolchain that works in this process does not wait for a setup.
    [GlobalSetup]
    public void Setup() => SetupAsync().GetAwaiter().GetResult();

    [GlobalCleanup]
    public void CleanUp() => _service!.DisposeAsync().AsTask().GetAwaiter().GetResult();

    [Benchmark(Description = "append one event and write it to all")]
    public async Task<long> DeliverAsync() => (await _log!.AppendAsync(ServiceInProcess.Stream, SampleEvents.Batch(1, _body))).Head;

    private async Task SetupAsync()
    {
        _body = SampleEvents.Body(SampleEvents.Draft(200));
        _service = await ServiceInProcess.StartAsync("memory");
        _log = _service.Log;
        await _log.AppendAsync(ServiceInProcess.Stream, SampleEvents.Batch(1, _body));
        List<SinkConnection> members = [];
        for (int i = 0; i < Members; i++)
        {
            members.Add(await SinkConnection.SubscribeAsync(_service, $"c{i}"));
        }

        long before = members.Sum(m => m.Written);
        await _log.AppendAsync(ServiceInProcess.Stream, SampleEvents.Batch(1, _body));
        if (members.Exists(m => m.Written <= before / Members))
        {
            throw new InvalidOperationException("An event did not reach every member.");
        }
    }
}
