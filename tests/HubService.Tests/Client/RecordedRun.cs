using System.Text.Json;
using HubService.Client;
using HubService.Contracts;
using HubService.Contracts.Agents;
using HubService.Contracts.Schema;
using Microsoft.Extensions.Logging.Abstractions;

namespace HubService.Tests.Client;

/// <summary>A run whose events are kept instead of sent, each checked against the contract.</summary>
internal sealed class RecordedRun : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly List<NewAgentEvent> _events = [];

    public RecordedRun(TimeProvider? time = null, CancellationToken cancellationToken = default) => Run = new AgentRun(
        new RunPort(
            (_, e) => Publish(e),
            (_, _) => Task.FromResult(new LeaseResult()),
            (_, _, _) => throw new NotSupportedException("Nobody asks for input here."),
            _ => { },
            time ?? TimeProvider.System,
            TimeSpan.FromSeconds(20),
            NullLoggerFactory.Instance),
        new ThreadId("thread_1"),
        RunId.New(),
        new RunStart("guide"),
        cancellationToken);

    public AgentRun Run { get; }

    /// <summary>May throw what the hub would answer.</summary>
    public Action<NewAgentEvent> Before { get; set; } = _ => { };

    public IReadOnlyList<NewAgentEvent> Events
    {
        get
        {
            lock (_gate)
            {
                return [.. _events];
            }
        }
    }

    public string[] Types => [.. Events.Select(e => e.Type)];

    /// <summary>Without <c>agent_streaming</c>: how many deltas become one event is a matter of time.</summary>
    public IEnumerable<string> TypesWithoutDeltas => Types.Where(t => t != "agent_streaming");

    public IEnumerable<T> Payloads<T>() =>
        from e in Events
        where ContractCatalog.Agents.TryGet(e.Type, out EventDefinition? d) && d.PayloadInfo.Type == typeof(T)
        select e.Payload.Deserialize<T>(ContractJson.Options)!;

    public ValueTask DisposeAsync() => Run.DisposeAsync();

    private Task<PublishResult> Publish(NewAgentEvent e)
    {
        Assert.True(ContractCatalog.Agents.TryGet(e.Type, out EventDefinition? definition));
        Assert.True(definition.TryRead(e.Payload, out _, out HubError? error), error?.Message);
        lock (_gate)
        {
            try
            {
                Before(e);
            }
            catch (HubClientException refusal)
            {
                return Task.FromException<PublishResult>(refusal);
            }

            _events.Add(e);
            return Task.FromResult(new PublishResult { EventId = e.EventId, Epoch = "e1", Seq = _events.Count });
        }
    }
}
