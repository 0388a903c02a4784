using HubService.Access;
using HubService.Streams;

namespace HubService.Delivery;

/// <summary>Streams whose readers may have changed: who may no longer read one is taken off it, and told so.</summary>
internal sealed partial class AccessChanges(AccessNews news, Outboxes outboxes, Subscriptions subscriptions, IStreamFacts facts, Authorizer authorizer, TimeProvider time, ILogger<AccessChanges> logger)
{
    private static readonly TimeSpan Again = TimeSpan.FromMilliseconds(200);

    /// <summary>Takes the news as they come, until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await foreach (StreamKey stream in news.ReadAllAsync(cancellationToken))
        {
            try
            {
                await RecheckOnceAsync(stream);
            }
            catch (LogException e)
            {
                // Nobody may keep reading because the log failed just now.
                LogRecheckFailed(logger, e);
                await Task.Delay(Again, time, cancellationToken);
                news.Add(stream);
            }
        }
    }

    /// <summary>Asks the authoriser again for every subscriber of the stream; returns how many were taken off.</summary>
    public async Task<int> RecheckOnceAsync(StreamKey stream)
    {
        int removed = 0;
        await facts.RefreshAsync(stream.Tenant, stream.StreamId);
        foreach (Outbox outbox in outboxes.All)
        {
            removed += await RecheckAsync(outbox, stream) ? 1 : 0;
        }

        return removed;
    }

    /// <summary>Asks the authoriser again for everything that a connection subscribes to, because its token is another one.</summary>
    public async Task RecheckOnceAsync(string connectionId)
    {
        if (outboxes.Find(connectionId) is { } outbox)
        {
            foreach (Cursor cursor in outbox.Cursors)
            {
                await RecheckAsync(outbox, cursor.Stream);
            }
        }
    }

    /// <summary>True when the connection was taken off the stream.</summary>
    private async Task<bool> RecheckAsync(Outbox outbox, StreamKey stream)
    {
        if (outbox.Find(stream.Group) is null)
        {
            return false;
        }

        try
        {
            if (await authorizer.CheckAsync(ConnectionPrincipal.Of(outbox.Connection.Features), Operation.Read, stream.StreamId) is null)
            {
                return false;
            }
        }
        catch (LogException)
        {
            // Nobody can tell now: the client reconnects, and is asked again when it subscribes.
            outbox.Abort();
            return false;
        }

        // Taken off first, so that no event comes after the news.
        subscriptions.Leave(outbox.Connection.ConnectionId, stream.Group);
        outbox.Send(new OutboundMessage(Interruption.Gone(stream, time)));
        return true;
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Who may read a stream could not be checked again; trying once more")]
    private static partial void LogRecheckFailed(ILogger logger, Exception exception);
}
