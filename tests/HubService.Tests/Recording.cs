using System.Collections.Concurrent;
using HubService.Client;
using HubService.Contracts;
using HubService.Tests.Client;

namespace HubService.Tests;

/// <summary>A subscription that keeps what it received, in order.</summary>
internal sealed class Recording : IAsyncDisposable
{
    private readonly ConcurrentQueue<StreamItem> _items = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _reading;

    private Recording(Func<CancellationToken, IAsyncEnumerable<StreamItem>> subscribe) => _reading = ReadAsync(subscribe);

    public IReadOnlyList<StreamItem> Items => [.. _items];

    public IReadOnlyList<AgentStreamEvent> Events => [.. _items.OfType<AgentStreamEvent>()];

    public IReadOnlyList<ProjectStreamEvent> ProjectEvents => [.. _items.OfType<ProjectStreamEvent>()];

    public IReadOnlyList<ProjectGreeting> Greetings => [.. _items.OfType<ProjectGreeting>()];

    /// <summary>What the hub refused the subscription with.</summary>
    public string? Refused { get; private set; }

    /// <summary>Follows from the beginning.</summary>
    public static Recording Of(AgentClient client, ThreadId thread) => new(ct => client.SubscribeAsync(thread, StreamPosition.Start, ct));

    public static Recording Of(ProjectClient client, ProjectId project) => new(ct => client.SubscribeAsync(project, StreamPosition.Start, ct));

    public async Task<AgentStreamEvent> EventAsync(string type, int count = 1)
    {
        await Wait.Until(() => Events.Count(e => e.Type == type) >= count);
        return Events.Where(e => e.Type == type).ElementAt(count - 1);
    }

    public async Task<ProjectStreamEvent> ProjectEventAsync(string name, Func<ProjectStreamEvent, bool>? condition = null)
    {
        await Wait.Until(() => ProjectEvents.Any(e => e.Name == name && condition?.Invoke(e) is not false));
        return ProjectEvents.First(e => e.Name == name && condition?.Invoke(e) is not false);
    }

    public string[] TypesOf(RunId run) => [.. Events.Where(e => e.RunId == run).Select(e => e.Type)];

    /// <summary>The events came without a hole.</summary>
    public void AssertDense() =>
        Assert.Equal(Enumerable.Range(1, Items.Count - Greetings.Count).Select(i => (long)i), Items.Where(i => i is not ProjectGreeting).Select(i => i.Position.Seq));

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _reading;
        _stop.Dispose();
    }

    private async Task ReadAsync(Func<CancellationToken, IAsyncEnumerable<StreamItem>> subscribe)
    {
        try
        {
            await foreach (StreamItem item in subscribe(_stop.Token))
            {
                _items.Enqueue(item);
            }
        }
        catch (OperationCanceledException)
        {
            // The test is over.
        }
        catch (HubClientException e)
        {
            Refused = e.Code;
        }
    }
}
