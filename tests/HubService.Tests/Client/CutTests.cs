using System.Collections.Concurrent;
using System.Threading.Channels;
using HubService.Client;
using HubService.Cluster.Tests.Rig;
using HubService.Contracts;
using HubService.Contracts.Agents;

namespace HubService.Tests.Client;

/// <summary>A real service, a worker and a reader, and a network between them that is cut over and over while a run streams.</summary>
public class CutTests
{
    private const int Cuts = 100;

    [Fact]
    public async Task A_hundred_cuts_while_a_run_streams_leave_no_gap_no_duplicate_and_nothing_open()
    {
        await using ServiceProcess service = await ServiceProcess.StartServiceAsync(new Dictionary<string, string> { ["ASPNETCORE_ENVIRONMENT"] = "Development" });
        await using TcpProxy network = new(service.Url.Port);
        using CancellationTokenSource stop = new(TimeSpan.FromMinutes(3));
        Channel<string> deltas = Channel.CreateUnbounded<string>();
        await using AgentClient worker = NewClient(await service.TokenAsync("worker", "publisher"), network);
        await using AgentClient user = NewClient(await service.TokenAsync("user"), network);
        ConcurrentQueue<RecoveryEventArgs> recoveries = new();
        user.Recovery += (_, e) => recoveries.Enqueue(e);
        Task serving = worker.ServeAsync(["talker"], 1, (work, ct) => work.Run.StreamMessageAsync(deltas.Reader.ReadAllAsync(ct), cancellationToken: ct), stop.Token);
        MessageAccepted sent = await user.AskAsync("talk", "talker", stop.Token);
        List<AgentStreamEvent> seen = [];
        SemaphoreSlim arrived = new(0);
        Task reading = ReadAsync();

        // Seeded, so that a failure can be repeated: how many events pass before the next cut.
        Random random = new(20260101);
        List<Task> calls = [];
        string said = "";
        for (int cut = 0; cut < Cuts; cut++)
        {
            for (int events = random.Next(1, 4); events > 0; events--)
            {
                Say();
                await arrived.WaitAsync(stop.Token);
            }

            Say();
            calls.Add(user.PingAsync(stop.Token));
            calls.Add(worker.PublishAsync(sent.ThreadId!.Value, new StatusUpdate($"cut {cut}"), stop.Token));
            network.Cut();
        }

        deltas.Writer.Complete();
        await reading;

        Assert.Equal(Enumerable.Range(1, seen.Count).Select(i => (long)i), seen.Select(e => e.Position.Seq));
        AgentStreamEvent[] run = [.. seen.Where(e => e.RunId == sent.RunId)];
        Assert.Equal(said, string.Concat(run.Select(e => e.As<AgentStreaming>()?.Delta)));
        Assert.Equal(said, run.Single(e => e.Type == "agent_message").As<AgentMessage>()!.Text);
        Assert.Equal(RunStatus.Success, run[^1].As<AgentCompleted>()!.Status);
        Assert.Equal(Enumerable.Range(0, Cuts).Select(i => $"cut {i}"), seen.Select(e => e.As<StatusUpdate>()?.Status).OfType<string>());
        Assert.All(recoveries, r => Assert.True(r.Recovered));
        Assert.InRange(recoveries.Count(r => r.Reason == RecoveryReason.Resumed), Cuts / 2, Cuts);
        Assert.Equal(0, user.Gaps);

        // Each call was answered, or said that its outcome is unknown; the publishes all succeeded.
        foreach (Task call in calls)
        {
            if (await Record.ExceptionAsync(() => call) is { } failure)
            {
                Assert.Contains(Assert.IsType<HubClientException>(failure).Code, new[] { ErrorCodes.OutcomeUnknown, ClientErrorCodes.NotConnected });
                Assert.True(call is Task<Pong>, "A publish was given up.");
            }
        }

        await stop.CancelAsync();
        await serving;

        void Say()
        {
            string delta = $"{said.Length:x} ";
            said += delta;
            Assert.True(deltas.Writer.TryWrite(delta));
        }

        async Task ReadAsync()
        {
            await foreach (StreamItem item in user.SubscribeAsync(sent.ThreadId!.Value, StreamPosition.Start, stop.Token))
            {
                seen.Add(Assert.IsType<AgentStreamEvent>(item));
                arrived.Release();
                if (seen[^1].RunId == sent.RunId && seen[^1].Type == "agent_completed")
                {
                    break;
                }
            }

            // Whoever waits for one more must not wait for ever.
            arrived.Release(Cuts * 4);
        }
    }

    private static AgentClient NewClient(string token, TcpProxy network) => new(new HubServiceClientOptions
    {
        Url = new Uri($"http://127.0.0.1:{network.Port}"),
        Retry = new RetryPolicy(TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(20), new Random(1)),
    }.UseToken(token));
}
