using HubService.Contracts;

namespace HubService.Publishing;

/// <summary>One caller's wish in the queue of an <see cref="OpenStream"/>.</summary>
/// <param name="drafts">The events known before deciding, if there are any.</param>
internal abstract class Submission(IReadOnlyList<EventDraft>? drafts)
{
    // Continues on the thread that completes: what follows is an answer on its way out, shorter than a hand-over.
    private readonly TaskCompletionSource<Outcome> _done = new();
    private Decision? _decision;

    public Task<Outcome> Task => _done.Task;

    /// <summary>The events known before deciding, for the log to look up; commands have none.</summary>
    public IReadOnlyList<EventDraft> Drafts { get; } = drafts ?? [];

    public int Size => Math.Max(1, Drafts.Count);

    public List<PublishResult?> Results { get; } = new(drafts?.Count ?? 0);

    public abstract Decision Decide(IStreamState state);

    /// <summary>May be called again when the batch is decided anew.</summary>
    public void Begin(Decision decision)
    {
        _decision = decision;
        Results.Clear();
    }

    public void Complete(string epoch, long head) =>
        _done.TrySetResult(new Outcome(_decision!.Error, _decision.Answer, Results!, epoch, head));

    public void Fail(HubError error, string epoch, long head) => _done.TrySetResult(new Outcome(error, null, [], epoch, head));
}

/// <summary>A wish that somebody else decides on.</summary>
internal sealed class DecidedBy(Func<IStreamState, Decision> decide, IReadOnlyList<EventDraft>? drafts) : Submission(drafts)
{
    public override Decision Decide(IStreamState state) => decide(state);
}
