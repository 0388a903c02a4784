using System.Text.Json;
using HubService.Contracts;
using HubService.Streams;

namespace HubService.Delivery;

/// <summary>Pages of a stream as every surface answers them.</summary>
internal sealed class StreamPages(IEventLog log)
{
    public const int MaxEvents = 1_000;
    private const int DefaultEvents = 100;

    /// <param name="after">Forward from here; absent with <paramref name="before"/> absent: from the beginning.</param>
    /// <param name="before">The events right before this position, oldest first.</param>
    /// <param name="limit">1 to 1,000; 100 by default.</param>
    public async Task<EventPage> ReadAsync(StreamKey stream, string? after, string? before, int? limit, CancellationToken cancellationToken)
    {
        if (limit is < 1 or > MaxEvents)
        {
            return new EventPage { Error = HubError.Invalid("limit", $"1 to {MaxEvents} is expected.") };
        }

        if (after is not null && before is not null)
        {
            return new EventPage { Error = HubError.Invalid("before", "cannot be combined with after.") };
        }

        if (!StreamPosition.TryParse(before ?? after ?? ":0", out StreamPosition position))
        {
            return new EventPage { Error = HubError.Invalid(before is null ? "after" : "before", "text of the form epoch:seq is expected.") };
        }

        int count = limit ?? DefaultEvents;
        if (before is not null)
        {
            LogHead head = await log.HeadAsync(stream, cancellationToken);
            if (position.Epoch == head.Epoch || position.Epoch.Length == 0)
            {
                long end = Math.Min(position.Seq == 0 ? head.Seq + 1 : position.Seq, head.Seq + 1);
                long from = Math.Max(0, end - 1 - count);
                count = (int)Math.Max(1, end - 1 - from);
                position = from == 0 ? StreamPosition.Start : new StreamPosition(head.Epoch, from);
                if (end <= 1)
                {
                    return new EventPage { Epoch = head.Epoch, Head = head.Seq };
                }
            }
        }

        LogPage page = await log.ReadAsync(stream, position, count, cancellationToken);
        StreamPosition? next = page.Entries.Count > 0 && page.Entries[^1].Seq < page.Head ? new StreamPosition(page.Epoch, page.Entries[^1].Seq) : null;
        return new EventPage
        {
            Events = [.. page.Entries.Select(e => JsonElement.Parse(EventFrames.Envelope(page.Epoch, e).Span))],
            Epoch = page.Epoch,
            Head = page.Head,
            HistoryLost = page.Verdict == ReadVerdict.HistoryLost ? Interruption.Lost(stream.StreamId.ToString(), position, page) : null,
            Reset = page.Verdict == ReadVerdict.Reset ? Interruption.Reset(stream.StreamId.ToString(), page) : null,
            Next = next,
        };
    }
}
