namespace HubService.Redis;

/// <summary>
/// What many want of the server goes in calls that they share: what comes while a call is under way waits for its end and goes
/// with the next one, so that calls grow with the load and nobody waits long without one. What fills a call does not wait.
/// </summary>
/// <param name="call">Makes one call for all of these, and says how each is to be answered, given the item and its index in the call; must not throw.</param>
/// <param name="weight">What an item adds to a call, in shares of a thousand of what a call may hold.</param>
internal sealed class SharedCalls<T>(Func<IReadOnlyList<T>, Task<Action<T, int>>> call, Func<T, int> weight)
{
    /// <summary>A call is full with so many items, or with so much weight: the server does nothing else meanwhile.</summary>
    private const int FullItems = 64, FullWeight = 1_000;

    /// <summary>Calls under way at once, when they are full.</summary>
    private const int MaxCalls = 8;

    /// <summary>So many callers go on one after the other, the others beside them.</summary>
    private const int AnsweredInTurn = 8;

    private readonly Lock _gate = new();
    private readonly Lock _leaving = new();
    private readonly Queue<T> _waiting = new();
    private int _waitingWeight;
    private int _calls;

    /// <summary>The last call had one item, and nothing waited behind it: nothing is won by gathering.</summary>
    private bool _isCalm;

    /// <summary>Does what waits fill a call?</summary>
    private bool IsFullUnsynchronized => _waiting.Count >= FullItems || _waitingWeight >= FullWeight;

    public void Add(T item)
    {
        bool isCalm;
        lock (_gate)
        {
            _waiting.Enqueue(item);
            _waitingWeight += weight(item);
            if (_calls > 0 && (!IsFullUnsynchronized || _calls == MaxCalls))
            {
                return;
            }

            _calls++;
            isCalm = _isCalm;
        }

        if (isCalm)
        {
            _ = RunAsync();
            return;
        }

        // Behind what the threads have to do already, of which some may be for the same call.
        ThreadPool.UnsafeQueueUserWorkItem(static calls => _ = calls.RunAsync(), this, preferLocal: false);
    }

    private async Task RunAsync()
    {
        (List<T> Items, Task<Action<T, int>> Answer)? started = Start();
        while (started is { } made)
        {
            Action<T, int> answer = await made.Answer;
            started = Start();
            if (started is null && made.Items.Count == 1)
            {
                // Whoever waited may take its time here: the right to call has been given back.
                answer(made.Items[0], 0);
            }
            else
            {
                Answer(made.Items, answer);
            }
        }
    }

    /// <summary>Makes the next call, if one is due. What was added first leaves first, also where several calls are under way.</summary>
    private (List<T> Items, Task<Action<T, int>> Answer)? Start()
    {
        lock (_leaving)
        {
            return Take() is { } items ? (items, call(items)) : null;
        }
    }

    /// <summary>Whoever waited goes on elsewhere, so that the next call leaves at once.</summary>
    private static void Answer(List<T> items, Action<T, int> answer)
    {
        for (int from = 0; from < items.Count; from += AnsweredInTurn)
        {
            ThreadPool.UnsafeQueueUserWorkItem(
                static part =>
                {
                    for (int i = part.From; i < Math.Min(part.From + AnsweredInTurn, part.Items.Count); i++)
                    {
                        part.Answer(part.Items[i], i);
                    }
                },
                (Items: items, From: from, Answer: answer),
                preferLocal: true);
        }
    }

    /// <summary>Null, and the right to call is given back, when nothing waits, or only what another call takes at its end.</summary>
    private List<T>? Take()
    {
        lock (_gate)
        {
            if (_waiting.Count == 0 || (_calls > 1 && !IsFullUnsynchronized))
            {
                _calls--;
                return null;
            }

            List<T> taken = new(Math.Min(_waiting.Count, FullItems));
            int takenWeight = 0;
            do
            {
                T next = _waiting.Dequeue();
                taken.Add(next);
                takenWeight += weight(next);
            }
            while (taken.Count < FullItems && _waiting.TryPeek(out T? after) && takenWeight + weight(after) <= FullWeight);
            _waitingWeight -= takenWeight;
            _isCalm = taken.Count == 1 && _waiting.Count == 0;
            return taken;
        }
    }
}
