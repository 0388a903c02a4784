using System.Collections.Concurrent;
using HubService.Streams;

namespace HubService.Sqlite;

/// <summary>
/// Completes writes, running what awaits them in place: a wake-up per append would cost more than the append. Should what
/// awaits one of them block, another thread does the rest.
/// </summary>
internal sealed class Completions : IThreadPoolWorkItem
{
    private readonly ConcurrentQueue<(PendingWrite Write, LogException? Failed)> _ready = new();
    private int _helperQueued;

    public void Add(PendingWrite write, LogException? failed = null) => _ready.Enqueue((write, failed));

    public void Run()
    {
        while (_ready.TryDequeue(out (PendingWrite Write, LogException? Failed) next))
        {
            // Before it, not after: it may not come back.
            if (!_ready.IsEmpty && Interlocked.Exchange(ref _helperQueued, 1) == 0)
            {
                ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: true);
            }

            if (next.Failed is null)
            {
                next.Write.Complete();
            }
            else
            {
                next.Write.Fail(next.Failed);
            }
        }
    }

    void IThreadPoolWorkItem.Execute()
    {
        Volatile.Write(ref _helperQueued, 0);
        Run();
    }
}
