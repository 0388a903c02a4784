using System.Security.Cryptography;
using System.Text;
using HubService.Checker;
using HubService.Cluster.Tests.Rig;

namespace HubService.Cluster.Tests.Scenarios;

/// <summary>Many publishers on both nodes write one stream.</summary>
public sealed class OrderTests
{
    // R08. One order, the same for all, which contradicts neither time nor any publisher.
    [Fact]
    public async Task Two_nodes_make_one_order()
    {
        const int Publishers = 8;
        int each = Scale.Of(2_000, 20_000) / Publishers;
        await using Scenario scenario = await Scenario.StartAsync("R08 order");
        scenario.Subscribe(Scale.Of(10, 50), ["order"]);
        scenario.Publish(Publishers);
        await scenario.LiveAsync();
        await Task.WhenAll(scenario.Publishers.Select(p => p.PublishAsync("order", each)));
        Figures.Report("R08 order", $"acknowledged after: {Figures.Spread(scenario.Publishers.SelectMany(p => p.Acknowledged).Select(s => s.Took!.Value))}");
        await scenario.AssertSoundAsync();
        string[] sequences = [.. scenario.Recorder.Records.OfType<Recv>().GroupBy(r => r.Who).Select(g => Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(string.Concat(g.Select(r => r.EventId + r.Hash))))))];
        Assert.Equal(scenario.Subscribers.Count, sequences.Length);
        Assert.Single(sequences.Distinct());
    }
}
