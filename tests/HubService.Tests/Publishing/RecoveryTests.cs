using HubService.Agents;
using HubService.Contracts;
using HubService.Publishing;
using HubService.Streams;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace HubService.Tests.Publishing;

/// <summary>A starting node looks at what was left unfinished before it listens.</summary>
public class RecoveryTests
{
    /// <summary>One stream was loaded after the other, each waiting for a commit of its own, and the node did not listen for minutes.</summary>
    [Fact]
    public async Task Unfinished_streams_are_loaded_several_at_a_time_but_not_all_at_once()
    {
        const int Streams = 40, AtOnce = 16;
        ManualTimeProvider clock = new();
        MemoryEventLog kept = new(Options.Create(new StreamOptions()), clock);
        for (int i = 0; i < Streams; i++)
        {
            await kept.AppendAsync(new StreamKey("acme", StreamKind.User, $"u{i}"), [new NewLogEvent($"e{i}", false, "status_update", clock.NowMs, "{}"u8.ToArray())]);
        }

        Lock gate = new();
        int loading = 0, most = 0;
        TaskCompletionSource enough = new(TaskCreationOptions.RunContinuationsAsynchronously);
        FaultyLog log = new(kept)
        {
            Loading = async () =>
            {
                lock (gate)
                {
                    most = Math.Max(most, ++loading);
                    if (loading == AtOnce)
                    {
                        enough.TrySetResult();
                    }
                }

                await enough.Task.WaitAsync(TimeSpan.FromSeconds(30));
                lock (gate)
                {
                    loading--;
                }
            },
        };
        OpenStreams streams = new(log, [new UserRules()], rollbacks: null!, Options.Create(new PublishOptions()), clock, NullLogger<OpenStreams>.Instance);

        Assert.Equal(Streams, await streams.RecoverAsync(CancellationToken.None));
        Assert.Equal(AtOnce, most);
        Assert.Empty(await kept.UnsettledAsync().ToListAsync());
    }
}
