using HubService.Access;
using HubService.Contracts;

namespace HubService.Delivery;

/// <summary>Warns connections whose token ends soon, and closes those whose token has ended, so that their clients bring a new one.</summary>
internal sealed class TokenExpiry(Outboxes outboxes, TimeProvider time)
{
    private static readonly object WarnedKey = new();
    private static readonly TimeSpan WarnBefore = TimeSpan.FromSeconds(60);

    /// <summary>One pass; returns how many connections were closed.</summary>
    public int CloseOnce()
    {
        int closed = 0;
        DateTimeOffset now = time.GetUtcNow();
        foreach (Outbox outbox in outboxes.All)
        {
            if (ConnectionPrincipal.Find(outbox.Connection.Items)?.ExpiresAt is not { } end)
            {
                continue;
            }

            if (now >= end)
            {
                outbox.Abort();
                closed++;
            }
            else if (end - now <= WarnBefore && !Equals(outbox.Connection.Items.TryGetValue(WarnedKey, out object? warned) ? warned : null, end))
            {
                outbox.Connection.Items[WarnedKey] = end;
                outbox.Send(new OutboundMessage(JsonInvocation.Session("token_expiring", new TokenExpiring(end), time)));
            }
        }

        return closed;
    }
}
