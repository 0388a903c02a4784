using HubService.Cluster;
using HubService.Contracts;
using Microsoft.Extensions.Options;

namespace HubService.Delivery;

/// <summary>Stopping without surprise: readiness turns red, every client is told when to come back, and gets the time to leave.</summary>
internal sealed class Drain(Outboxes outboxes, ICluster cluster, IOptions<DeliveryOptions> options, TimeProvider time)
{
    private static readonly TimeSpan LeaveTime = TimeSpan.FromSeconds(1);

    public static HubError Refusal { get; } = new(ErrorCodes.Draining, "This node stops; ask again, another one answers.");

    public bool Started { get; private set; }

    /// <summary>Tells everyone and returns when all have left or the time is over. Clients are spread over the time.</summary>
    public async Task RunAsync()
    {
        Started = true;
        Task leaving = LeaveAsync();
        TimeSpan limit = options.Value.DrainTime;
        List<Outbox> open = [.. outboxes.All];
        for (int i = 0; i < open.Count; i++)
        {
            int within = (int)(limit.TotalMilliseconds * (i + 1) / open.Count);
            open[i].Send(new OutboundMessage(JsonInvocation.Session("server_draining", new ServerDraining(within), time)));
        }

        long start = time.GetTimestamp();
        await leaving;
        while (outboxes.All.Any() && time.GetElapsedTime(start) < limit)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20), time);
        }
    }

    /// <summary>So that other nodes keep its streams from now on.</summary>
    private async Task LeaveAsync()
    {
        try
        {
            await cluster.LeaveAsync().WaitAsync(LeaveTime, time);
        }
        catch (TimeoutException)
        {
            // They find out when it is gone.
        }
    }
}
