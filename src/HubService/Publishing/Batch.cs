using HubService.Contracts;
using HubService.Streams;
using Microsoft.Extensions.ObjectPool;

namespace HubService.Publishing;

/// <summary>The events of one append, and which submission each belongs to. Used again for another one.</summary>
internal sealed class Batch : IResettable
{
    private readonly List<(Submission Submission, int Index)> _owners = [];
    private readonly List<NewLogEvent> _events = [];
    private readonly List<EventDraft> _fresh = [];
    private KnownEvents? _known;

    /// <summary>Ids sent twice within this batch: the second one waits for the seq of the first.</summary>
    private readonly Dictionary<string, int> _ids = new(StringComparer.Ordinal);
    private readonly List<(Submission Submission, int Index, int Event)> _repeats = [];

    public IReadOnlyList<NewLogEvent> Events => _events;

    public IReadOnlyList<EventDraft> Fresh => _fresh;

    public bool TryReset()
    {
        _owners.Clear();
        _events.Clear();
        _fresh.Clear();
        _ids.Clear();
        _repeats.Clear();
        _known = null;
        return true;
    }

    /// <summary>Asks the log for the ids that publishers may be sending again.</summary>
    public async ValueTask FindKnownAsync(IEventLog log, IStreamRules rules, StreamKey stream, List<Submission> taken, int from, int to)
    {
        List<string>? ids = null;
        for (int i = from; i < to; i++)
        {
            IReadOnlyList<EventDraft> drafts = taken[i].Drafts;
            for (int j = 0; j < drafts.Count; j++)
            {
                if (drafts[j].FromPublisher)
                {
                    (ids ??= []).Add(drafts[j].EventId);
                }
            }
        }

        _known = ids is null ? null : await KnownEvents.FindAsync(log, rules, stream, ids);
    }

    /// <summary>Answers an event whose id is already in the log or in this batch: with the seq there, or with a refusal when it is another event.</summary>
    public bool TryAnswerKnown(Submission submission, EventDraft draft)
    {
        if (!draft.FromPublisher)
        {
            return false;
        }

        if (_known?.Answer(draft) is { } known)
        {
            submission.Results.Add(known);
            return true;
        }

        if (_ids.TryGetValue(draft.EventId, out int first))
        {
            if (Idempotency.Check(draft, _fresh[first]) is { } other)
            {
                submission.Results.Add(new PublishResult { EventId = draft.EventId, Error = other });
                return true;
            }

            _repeats.Add((submission, submission.Results.Count, first));
            submission.Results.Add(null);
            return true;
        }

        return false;
    }

    public void Add(Submission submission, EventDraft draft, DateTimeOffset at, ReadOnlyMemory<byte> body)
    {
        _owners.Add((submission, submission.Results.Count));
        submission.Results.Add(null);
        if (draft.FromPublisher)
        {
            _ids[draft.EventId] = _events.Count;
        }

        _events.Add(new NewLogEvent(draft.EventId, draft.FromPublisher, draft.Type, at.ToUnixTimeMilliseconds(), body));
        _fresh.Add(draft);
    }

    /// <summary>Gives every appended event's owner its seq.</summary>
    public void Place(AppendResult appended)
    {
        for (int i = 0; i < _owners.Count; i++)
        {
            (Submission submission, int index) = _owners[i];
            submission.Results[index] = new PublishResult
            {
                Seq = appended.Events[i].Seq,
                Epoch = appended.Epoch,
                EventId = _events[i].EventId,
                Duplicate = appended.Events[i].Duplicate,
            };
        }

        foreach ((Submission submission, int index, int first) in _repeats)
        {
            (Submission owner, int at) = _owners[first];
            submission.Results[index] = owner.Results[at]! with { Duplicate = true };
        }
    }
}
