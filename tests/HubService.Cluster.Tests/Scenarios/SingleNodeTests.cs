using HubService.Cluster.Tests.Rig;

namespace HubService.Cluster.Tests.Scenarios;

/// <summary>One node with SQLite, under the same load and the same judge as many.</summary>
public sealed class SingleNodeTests
{
    [Fact]
    public async Task Kill_and_restart_lose_nothing()
    {
        await using Scenario scenario = await Scenario.StartAloneAsync("single node kill");
        scenario.Subscribe(20, ["a", "b"]);
        scenario.Publish(2);
        Load load = scenario.StartLoad(["a", "b"], 200);
        await scenario.LiveAsync();
        for (int i = 0; i < 2; i++)
        {
            await scenario.AcknowledgedAsync(200);
            await scenario.Nodes[0].KillAsync();
            await scenario.Nodes[0].StartAsync();
            await scenario.LiveAsync();
        }

        await load.StopAsync();
        await scenario.AssertSoundAsync();
    }
}
