using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using HubService.Access;
using HubService.Contracts;
using HubService.Streams;
using HubService.Telemetry;
using HubService.Validation;
using Microsoft.Extensions.Options;

namespace HubService.Publishing;

/// <summary>The one way in for a publisher's events, whatever surface they come from: authorise, validate, append.</summary>
internal sealed class EventPublisher(
    OpenStreams streams,
    IOptions<PublishOptions> options,
    IOptions<AdditionalEvents> additional,
    HubMetrics metrics,
    TimeProvider time)
{
    /// <summary>How many events of a publish stream may be on their way at once.</summary>
    private const int StreamWindow = 256;

    private readonly EventValidator _validator = new(options.Value.MaxEventBytes, options.Value.MaxDepth, additional.Value);

    /// <summary>Publishes one event or an array of them; one result per event, in order.</summary>
    /// <param name="connectionId">The SignalR connection, which then holds the leases of the runs; null over HTTP.</param>
    public ValueTask<PublishResults> PublishAsync(Principal principal, StreamId stream, JsonElement events, string? connectionId = null)
    {
        HubError? error = Authorizer.CheckCaller(principal, Operation.Publish, stream) ?? CheckBatch(events);
        if (error is not null)
        {
            metrics.Refused(error.Code);
            return ValueTask.FromResult(new PublishResults { Error = error });
        }

        return AppendAsync(principal, stream, events, connectionId);
    }

    /// <summary>Publishes events as they come; one result each, in order. The events of one stream keep their order.</summary>
    public IAsyncEnumerable<PublishResult> PublishStreamAsync(Principal principal, StreamId stream, IAsyncEnumerable<JsonElement> events, string? connectionId, CancellationToken cancellationToken) =>
        PipelineAsync(principal, stream, events, e => AppendAsync(principal, stream, e, connectionId).AsTask(), cancellationToken);

    /// <summary>The same for lines of JSON, of which some may be unreadable; the renewing of leases is that of HTTP.</summary>
    public IAsyncEnumerable<PublishResult> PublishLinesAsync(Principal principal, StreamId stream, IAsyncEnumerable<JsonBody> lines, CancellationToken cancellationToken) =>
        PipelineAsync(
            principal,
            stream,
            lines,
            line => line.Error is { } error ? Task.FromResult(new PublishResults { Results = [Refused(error)] }) : AppendAsync(principal, stream, line.Json, null).AsTask(),
            cancellationToken);

    /// <summary>Starts each item's append in order, up to a window, and yields the results in the same order.</summary>
    private async IAsyncEnumerable<PublishResult> PipelineAsync<TItem>(
        Principal principal,
        StreamId stream,
        IAsyncEnumerable<TItem> items,
        Func<TItem, Task<PublishResults>> append,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (Authorizer.CheckCaller(principal, Operation.Publish, stream) is { } error)
        {
            yield return Refused(error);
            yield break;
        }

        var pending = Channel.CreateBounded<Task<PublishResults>>(StreamWindow);
        Task reading = ReadAsync();
        await foreach (Task<PublishResults> one in pending.Reader.ReadAllAsync(cancellationToken))
        {
            foreach (PublishResult result in (await one).Results)
            {
                yield return result;
            }
        }

        await reading;

        async Task ReadAsync()
        {
            Exception? failure = null;
            try
            {
                await foreach (TItem item in items.WithCancellation(cancellationToken))
                {
                    await pending.Writer.WriteAsync(append(item), cancellationToken);
                }
            }
            catch (Exception e)
            {
                failure = e;
            }

            pending.Writer.Complete(failure);
        }
    }

    private PublishResult Refused(HubError error)
    {
        metrics.Refused(error.Code);
        return new PublishResult { Error = error };
    }

    private HubError? CheckBatch(JsonElement events)
    {
        PublishOptions limits = options.Value;
        return events.ValueKind switch
        {
            JsonValueKind.Object => null,
            JsonValueKind.Array when events.GetArrayLength() is > 0 and int count =>
                count > limits.MaxBatchEvents
                    ? new HubError(ErrorCodes.PayloadTooLarge, $"{count} events; {limits.MaxBatchEvents} are allowed in one publish.").With("limit", limits.MaxBatchEvents)
                    : JsonMarshal.GetRawUtf8Value(events).Length > limits.MaxBatchBytes
                        ? new HubError(ErrorCodes.PayloadTooLarge, $"More than {limits.MaxBatchBytes} bytes in one publish.").With("limit", limits.MaxBatchBytes)
                        : null,
            JsonValueKind.Array => HubError.Invalid("events", "holds no event."),
            _ => HubError.Invalid("events", "an event or an array of events is expected."),
        };
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<PublishResults> AppendAsync(Principal principal, StreamId stream, JsonElement events, string? connectionId)
    {
        long started = time.GetTimestamp();
        var drafts = new List<EventDraft>(1);
        List<PublishResult?>? results = null;
        if (events.ValueKind == JsonValueKind.Array)
        {
            foreach (JsonElement e in events.EnumerateArray())
            {
                PublishResult? refused = Draft(principal, stream, e, connectionId, drafts);
                if (refused is not null)
                {
                    // Those before it were not.
                    results ??= [.. Enumerable.Repeat<PublishResult?>(null, drafts.Count)];
                }

                results?.Add(refused);
            }
        }
        else if (Draft(principal, stream, events, connectionId, drafts) is { } refused)
        {
            return new PublishResults { Results = [refused] };
        }

        if (drafts.Count == 0)
        {
            return new PublishResults { Results = results! };
        }

        using Activity? span = HubTracing.StartPublish(stream, drafts.Count, TraceparentOf(drafts[0]));
        if (span is not null && stream.Kind != StreamKind.Project)
        {
            Trace(drafts, span);
        }

        // Up to here nothing was awaited, so that the publishes of one connection enter the queue in the order they were sent.
        Outcome outcome = await streams.SubmitAsync(new StreamKey(principal.Tenant, stream), new Publication(principal, stream, drafts));
        metrics.PublishTook(stream.Kind, time.GetElapsedTime(started));
        return new PublishResults { Results = Merge(stream, drafts, results, outcome) };
    }

    /// <summary>Lets the events carry the span of their publish to whoever receives them, unless their publisher gave them a trace.</summary>
    private static void Trace(List<EventDraft> drafts, Activity span)
    {
        for (int i = 0; i < drafts.Count; i++)
        {
            if (TraceparentOf(drafts[i]) is null)
            {
                JsonObject metadata = drafts[i].Metadata is { } given ? JsonObject.Create(given)! : [];
                metadata["traceparent"] = span.Id;
                drafts[i] = drafts[i] with { Metadata = JsonSerializer.SerializeToElement(metadata, ContractJson.Default.JsonObject) };
            }
        }
    }

    private static string? TraceparentOf(EventDraft draft) =>
        draft.Metadata is { } metadata && metadata.TryGetProperty("traceparent", out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    /// <summary>Null when the event is valid and stands among the drafts.</summary>
    private PublishResult? Draft(Principal principal, StreamId stream, JsonElement e, string? connectionId, List<EventDraft> drafts)
    {
        if (_validator.Check(stream.Kind, stream.Id, e, out ValidEvent valid) is { } error)
        {
            metrics.Refused(error.Code);
            return new PublishResult { Error = error };
        }

        if (valid.DeprecatedName is { } deprecated)
        {
            metrics.Deprecated(deprecated);
        }

        drafts.Add(new EventDraft(
            valid.Type,
            valid.EventId ?? Ids.New("evt_"),
            valid.EventId is not null,
            valid.Payload,
            principal.Subject,
            valid.RunId,
            valid.AgentName,
            valid.Metadata,
            connectionId,
            valid.ThreadId));
        return null;
    }

    /// <summary>The results in the order of the events, refused ones included.</summary>
    private IReadOnlyList<PublishResult> Merge(StreamId stream, List<EventDraft> drafts, List<PublishResult?>? results, Outcome outcome)
    {
        if (outcome.Error is { } failed)
        {
            foreach (EventDraft _ in drafts)
            {
                metrics.Refused(failed.Code);
            }

            IEnumerable<PublishResult> all = drafts.Select(d => new PublishResult { Error = failed, EventId = d.EventId });
            return [.. results is null ? all : Fill(all)];
        }

        int published = 0;
        for (int i = 0; i < outcome.Results.Count; i++)
        {
            PublishResult r = outcome.Results[i];
            if (r.Error is { } refused)
            {
                metrics.Refused(refused.Code);
            }
            else if (!r.Duplicate)
            {
                published++;
            }
        }

        metrics.Published(stream.Kind, published);
        return results is null ? outcome.Results : [.. Fill(outcome.Results)];

        IEnumerable<PublishResult> Fill(IEnumerable<PublishResult> appended)
        {
            using IEnumerator<PublishResult> next = appended.GetEnumerator();
            foreach (PublishResult? r in results!)
            {
                if (r is not null)
                {
                    yield return r;
                }
                else if (next.MoveNext())
                {
                    yield return next.Current;
                }
            }
        }
    }

    /// <summary>Events of a publisher, if it may publish to the stream as it is.</summary>
    private sealed class Publication(Principal principal, StreamId stream, IReadOnlyList<EventDraft> drafts) : Submission(drafts)
    {
        public override Decision Decide(IStreamState state) =>
            Authorizer.CheckFacts(principal, Operation.Publish, stream, state.Facts) is { } refused ? Decision.Refuse(refused) : new Decision(Drafts);
    }
}
