using HubService.Access;
using HubService.Contracts;

namespace HubService.Delivery;

/// <summary>Warns connections whose token ends soon, and closes those whose token has ended, so that their clients bring a new one.</summary>
internal sealed class TokenExpiry(Outboxes outboxes, TimeProvider time)
{
    private static readonly TimeSpan WarnBefore = TimeSpan.FromSeconds(60);

    /// <summary>One pass; returns how many connections were closed.</summary>
    public int CloseOnce()
    {
        int closed = 0;
        DateTimeOffset now = time.GetUtcNow();
        foreach (Outbox outbox in outboxes.All)
        {
            if (ConnectionPrincipal.Find(outbox.Connection.Features) is not { Principal.ExpiresAt: { } end } whose)
            {
                continue;
            }

            if (now >= end)
            {
                outbox.Abort();
                closed++;
            }
            else if (end - now <= WarnBefore && whose.Warned != end)
            {
                whose.Warned = end;
                outbox.Send(new OutboundMessage(JsonInvocation.Session("token_expiring", new TokenExpiring(end), time)));
            }
        }

        return closed;
    }
}
