using HubService.Contracts;

namespace HubService.Client;

/// <summary>One client's way out: a queue per stream, made when needed.</summary>
internal sealed class Publisher<TEvent>(HubLink link, HubServiceClientOptions options) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, PublishQueue<TEvent>> _queues = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource _stop = new();

    /// <summary>Takes its place in the stream's order before this returns.</summary>
    /// <param name="id">The thread's or project's id.</param>
    public Task<PublishResult> Enqueue(string id, TEvent e, int bytes)
    {
        lock (_gate)
        {
            if (!_queues.TryGetValue(id, out PublishQueue<TEvent>? queue))
            {
                ForgetIdleUnsynchronized();
                _queues[id] = queue = new PublishQueue<TEvent>((batch, ct) => SendAsync(id, batch, ct), options, _stop.Token);
            }

            return queue.Enqueue(e, bytes);
        }
    }

    public void Dispose()
    {
        _stop.Cancel();
        _stop.Dispose();
    }

    private async Task<IReadOnlyList<PublishResult>> SendAsync(string id, IReadOnlyList<TEvent> batch, CancellationToken cancellationToken) =>
        (await link.CallAsync<PublishResults>("Publish", [id, batch], cancellationToken)).Results;

    private void ForgetIdleUnsynchronized()
    {
        if (_queues.Count >= 256)
        {
            foreach (string idle in _queues.Where(q => q.Value.Idle).Select(q => q.Key).ToArray())
            {
                _queues.Remove(idle);
            }
        }
    }
}
