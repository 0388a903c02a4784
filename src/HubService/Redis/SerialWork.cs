using System.Threading.Channels;

namespace HubService.Redis;

/// <summary>Does what it is given in order, one at a time, and never on the stack of the giver.</summary>
internal sealed class SerialWork
{
    private readonly Channel<Action> _given = Channel.CreateUnbounded<Action>(new UnboundedChannelOptions { SingleReader = true });

    public SerialWork() => _ = RunAsync();

    public void Add(Action work) => _given.Writer.TryWrite(work);

    /// <summary>Takes no more; what was given is still done.</summary>
    public void Complete() => _given.Writer.TryComplete();

    private async Task RunAsync()
    {
        await foreach (Action work in _given.Reader.ReadAllAsync())
        {
            work();
        }
    }
}
