using HubService.Contracts;
using HubService.Streams;

namespace HubService.Publishing;

/// <summary>Which of some event ids the log has seen before, with the events themselves, read only when there are any.</summary>
internal sealed class KnownEvents
{
    private const int PageSize = 1_000;

    private readonly IStreamRules _rules;
    private readonly string _epoch;
    private readonly Dictionary<string, long> _seqs;
    private readonly Dictionary<long, LogEntry> _entries = [];

    private KnownEvents(IStreamRules rules, string epoch, Dictionary<string, long> seqs)
    {
        _rules = rules;
        _epoch = epoch;
        _seqs = seqs;
    }

    /// <summary>Null when none is known.</summary>
    public static async ValueTask<KnownEvents?> FindAsync(IEventLog log, IStreamRules rules, StreamKey stream, IReadOnlyList<string> ids)
    {
        Dictionary<string, long>? known = null;
        long?[] seqs = await log.FindAsync(stream, ids);
        for (int i = 0; i < seqs.Length; i++)
        {
            if (seqs[i] is { } seq)
            {
                (known ??= new(StringComparer.Ordinal))[ids[i]] = seq;
            }
        }

        if (known is null)
        {
            return null;
        }

        var found = new KnownEvents(rules, (await log.HeadAsync(stream)).Epoch, known);
        await found.ReadAsync(log, stream);
        return found;
    }

    /// <summary>
    /// The answer to an event whose id is known: its seq when it is the same event, a refusal when it is another one; null
    /// when the id is not known. What retention has taken cannot be compared, and counts as the same.
    /// </summary>
    public PublishResult? Answer(EventDraft draft) =>
        !_seqs.TryGetValue(draft.EventId, out long seq) ? null
        : _entries.TryGetValue(seq, out LogEntry entry) && Idempotency.Check(draft, _rules.Read(entry)) is { } other ? new PublishResult { EventId = draft.EventId, Error = other }
        : new PublishResult { EventId = draft.EventId, Seq = seq, Epoch = _epoch, Duplicate = true };

    private async ValueTask ReadAsync(IEventLog log, StreamKey stream)
    {
        long[] wanted = [.. _seqs.Values.Order()];
        for (int i = 0; i < wanted.Length;)
        {
            int limit = (int)Math.Min(PageSize, wanted[^1] - wanted[i] + 1);
            LogPage page = await log.ReadAsync(stream, new StreamPosition(_epoch, wanted[i] - 1), limit);
            foreach (LogEntry entry in page.Entries)
            {
                _entries[entry.Seq] = entry;
            }

            long reached = page.Entries.Count > 0 ? page.Entries[^1].Seq : wanted[^1];
            while (i < wanted.Length && wanted[i] <= reached)
            {
                i++;
            }
        }
    }
}
