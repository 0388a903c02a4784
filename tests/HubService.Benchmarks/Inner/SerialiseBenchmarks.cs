using BenchmarkDotNet.Attributes;
using HubService.Delivery;
using HubService.Publishing;
using HubService.Streams;
using Microsoft.AspNetCore.SignalR.Protocol;

namespace HubService.Benchmarks.Inner;

/// <summary>An event to the bytes that are kept, and those to the bytes that are sent; beside it what SignalR's own protocol takes for the same.</summary>
public class SerialiseBenchmarks
{
    private const string Epoch = "e0123456789ab";

    private readonly JsonHubProtocol _json = new();
    private EventDraft _draft = SampleEvents.Draft(0);
    private LogEntry _entry;
    private object?[] _arguments = [];

    /// <summary>Bytes of text in the event.</summary>
    [Params(20, 200, 2_000)]
    public int Text { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _draft = SampleEvents.Draft(Text);
        _entry = SampleEvents.Entry(Text);
        _arguments = [System.Text.Json.JsonElement.Parse(EventFrames.Envelope(Epoch, _entry).Span)];
    }

    [Benchmark(Description = "event to the envelope that is kept")]
    public int Keep() => SampleEvents.Body(_draft).Length;

    [Benchmark(Description = "envelope to a frame of SignalR's JSON")]
    public int Frame() => EventFrames.Invocation(ServiceInProcess.Stream.Kind, Epoch, _entry).Length;

    [Benchmark(Baseline = true, Description = "the same by SignalR's JsonHubProtocol")]
    public int SignalR() => _json.GetMessageBytes(new InvocationMessage("ProjectEvent", _arguments)).Length;
}
