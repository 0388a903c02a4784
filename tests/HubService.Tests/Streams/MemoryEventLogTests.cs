using HubService.Contracts;
using HubService.Streams;

namespace HubService.Tests.Streams;

public sealed class MemoryEventLogTests : EventLogSpec
{
    private protected override IEventLog Open(StreamOptions options, TimeProvider time) =>
        new MemoryEventLog(Microsoft.Extensions.Options.Options.Create(options), time);

    [Fact]
    public async Task Every_start_is_a_new_epoch()
    {
        string before = (await Append("a")).Epoch;
        IEventLog restarted = Open(Options, Clock);

        Assert.Equal(ReadVerdict.Reset, (await restarted.ReadAsync(Thread1, new StreamPosition(before, 1), 10)).Verdict);
        AppendResult result = await restarted.AppendAsync(Thread1, [Event("a")]);

        Assert.NotEqual(before, result.Epoch);
        Assert.Equal(new AppendedEvent(1, false), result.Events[0]);
    }
}
