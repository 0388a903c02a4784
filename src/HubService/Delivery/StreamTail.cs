using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using System.Text.Json;
using System.Threading.Channels;
using HubService.Access;
using HubService.Contracts;
using HubService.Streams;
using HubService.Telemetry;
using Microsoft.Extensions.Options;

namespace HubService.Delivery;

/// <summary>
/// A stream as server-sent events: a cursor that reads the log in pages and, at the head, waits to be told that there is
/// more. A slow reader only reads later.
/// </summary>
internal sealed class StreamTail(
    IEventLog log,
    Authorizer authorizer,
    Presence presence,
    IOptions<DeliveryOptions> options,
    HubMetrics metrics,
    TimeProvider time,
    IHostApplicationLifetime lifetime)
{
    public async Task WriteAsync(HttpContext context, StreamKey stream, StreamPosition? from, Principal principal)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, lifetime.ApplicationStopping);
        Channel<bool> more = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
        using Following following = await log.FollowAsync(stream, _ => more.Writer.TryWrite(true), ending.Token);
        using IDisposable present = presence.Follow(stream, principal.Subject);
        StreamPosition at = from ?? new StreamPosition(following.Head.Epoch, following.Head.Seq);

        context.Response.ContentType = "text/event-stream";
        context.Response.Headers.CacheControl = "no-store";
        context.Response.Headers["X-Accel-Buffering"] = "no";
        PipeWriter body = context.Response.BodyWriter;
        Comment(body, "ok");
        try
        {
            await body.FlushAsync(ending.Token);
            while (!ending.IsCancellationRequested && !Expired(principal))
            {
                LogPage page = await log.ReadRecentAsync(stream, at, options.Value.ReplayPage, ending.Token);

                // After the read: whatever the page holds was kept before this check.
                if (await authorizer.CheckAsync(principal, Operation.Read, stream.StreamId, ending.Token) is not null)
                {
                    Gone(body, stream);
                    await body.FlushAsync(ending.Token);
                    return;
                }

                at = Write(body, stream, at, page);
                await body.FlushAsync(ending.Token);
                if (at.Seq >= page.Head && !await WaitAsync(more.Reader, QuietTime(principal), ending.Token))
                {
                    Comment(body, "keep-alive");
                    await body.FlushAsync(ending.Token);
                }
            }
        }
        catch (OperationCanceledException) when (ending.IsCancellationRequested)
        {
            // The reader left, or the node stops: the reader comes back with its Last-Event-ID.
        }
        catch (LogException)
        {
            // The log cannot be read now: ending the response makes the reader come back with its Last-Event-ID.
        }
    }

    private bool Expired(Principal principal) => principal.ExpiresAt is { } end && time.GetUtcNow() >= end;

    private StreamPosition Write(PipeWriter body, StreamKey stream, StreamPosition at, LogPage page)
    {
        string name = stream.StreamId.ToString();
        switch (page.Verdict)
        {
            case ReadVerdict.HistoryLost:
                Event(body, page.GoesOnFrom, "history_lost", JsonSerializer.SerializeToUtf8Bytes(Interruption.Lost(name, at, page), ContractJson.Default.HistoryLost));
                at = page.GoesOnFrom;
                break;
            case ReadVerdict.Reset:
                Event(body, page.GoesOnFrom, "reset", JsonSerializer.SerializeToUtf8Bytes(Interruption.Reset(name, page), ContractJson.Default.StreamReset));
                return page.GoesOnFrom;
        }

        foreach (LogEntry entry in page.Entries)
        {
            at = new StreamPosition(page.Epoch, entry.Seq);
            Event(body, at, entry.Type, EventFrames.Envelope(page.Epoch, entry).Span);
        }

        metrics.Delivered(stream.Kind, page.Entries.Count);
        return at with { Epoch = page.Epoch };
    }

    private static void Gone(PipeWriter body, StreamKey stream) =>
        Event(body, new StreamPosition("", 0), "reset", JsonSerializer.SerializeToUtf8Bytes(Interruption.Gone(stream.StreamId.ToString()), ContractJson.Default.StreamReset));

    /// <summary>The keep-alive time, or less when the token ends before.</summary>
    private TimeSpan QuietTime(Principal principal)
    {
        TimeSpan quiet = options.Value.SseKeepAlive;
        TimeSpan left = principal.ExpiresAt - time.GetUtcNow() ?? quiet;
        return left < TimeSpan.Zero ? TimeSpan.Zero : left < quiet ? left : quiet;
    }

    /// <summary>False when nothing came within the time.</summary>
    private async Task<bool> WaitAsync(ChannelReader<bool> more, TimeSpan within, CancellationToken cancellationToken)
    {
        using var quiet = new CancellationTokenSource(within, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(quiet.Token, cancellationToken);
        try
        {
            // Cancelled, not abandoned: a read left behind would take the next news for itself.
            await more.ReadAsync(either.Token);
            return true;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }

    private static void Event(PipeWriter body, StreamPosition id, string type, ReadOnlySpan<byte> data)
    {
        body.Write(Encoding.UTF8.GetBytes($"id: {id}\nevent: {type}\ndata: "));
        body.Write(data);
        body.Write("\n\n"u8);
    }

    private static void Comment(PipeWriter body, string text) => body.Write(Encoding.UTF8.GetBytes($": {text}\n\n"));
}
