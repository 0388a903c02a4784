using System.Text.Json;
using HubService.Contracts;
using Microsoft.AspNetCore.SignalR.Protocol;

namespace HubService.Tests.MessagePack;

/// <summary>The hubs themselves, told in MessagePack what no client would say.</summary>
public sealed class HubTests(LoggedHost logged) : IClassFixture<LoggedHost>
{
    public static TheoryData<string> Unreadable => [.. MessageBombs.All.Where(b => b.Value.Outcomes.Contains(nameof(InvalidDataException))).Select(b => b.Key)];

    public static TheoryData<string> Refused => [.. MessageBombs.All.Where(b => b.Value.Outcomes.Contains(nameof(InvocationBindingFailureMessage))).Select(b => b.Key)];

    [Theory]
    [MemberData(nameof(Unreadable))]
    public async Task What_is_no_message_closes_its_own_connection_with_an_error(string bomb)
    {
        await using PackedClient bystander = await ConnectAsync();
        await using PackedClient client = await ConnectAsync();

        await client.SendAsync(Packed.Frame(MessageBombs.All[bomb].Message));

        JsonElement close = Assert.NotNull(await client.NextAsync());
        Assert.Equal(7, close[0].GetInt32());
        Assert.NotEqual("", close[1].GetString());
        Assert.Null(await client.NextAsync());
        await AssertGoesOnAsync(bystander);
        AssertQuiet();
    }

    [Theory]
    [MemberData(nameof(Refused))]
    public async Task A_call_that_cannot_be_bound_is_answered_and_the_connection_goes_on(string bomb)
    {
        await using PackedClient client = await ConnectAsync();

        await client.SendAsync(Packed.Frame(MessageBombs.All[bomb].Message));

        JsonElement answer = Assert.NotNull(await client.NextAsync());
        Assert.Equal((3, "1", 1), (answer[0].GetInt32(), answer[2].GetString(), answer[3].GetInt32()));
        Assert.Contains("\"code\":\"", answer[4].GetString(), StringComparison.Ordinal);
        await AssertGoesOnAsync(client);
        AssertQuiet();
    }

    [Fact]
    public async Task A_length_above_the_limit_closes_at_once()
    {
        await using PackedClient client = await ConnectAsync();
        await client.SendAsync(Packed.Hex("ff ff ff ff 07"));
        Assert.Equal(7, Assert.NotNull(await client.NextAsync())[0].GetInt32());
    }

    [Fact]
    public async Task A_message_may_come_in_parts_and_two_in_one()
    {
        await using PackedClient client = await ConnectAsync();
        byte[] ping = Packed.Frame(Packed.Hex("96 01 80 a131 a450696e67 91 07 90"));
        foreach (byte part in ping)
        {
            await client.SendAsync([part]);
        }

        Assert.Equal(7, Assert.NotNull(await client.NextAsync())[4].GetProperty("ts").GetInt64());
        await client.SendAsync([.. ping, .. ping]);
        Assert.NotNull(await client.NextAsync());
        await AssertGoesOnAsync(client);
    }

    /// <summary>It is the client's fault, so nobody who reads the log is bothered.</summary>
    private void AssertQuiet()
    {
        Assert.NotEmpty(logged.Lines);
        Assert.DoesNotContain(logged.Lines, l => l.StartsWith("Warning", StringComparison.Ordinal) || l.StartsWith("Error", StringComparison.Ordinal) || l.StartsWith("Critical", StringComparison.Ordinal));
    }

    private async Task<PackedClient> ConnectAsync() => await PackedClient.ConnectAsync(logged.Host, await logged.Host.WorkerTokenAsync(Ids.New("worker_")));

    private static async Task AssertGoesOnAsync(PackedClient client)
    {
        await client.SendAsync(Packed.Frame(Packed.Hex("96 01 80 a131 a450696e67 91 07 90")));
        JsonElement answer = Assert.NotNull(await client.NextAsync());
        Assert.Equal(7, answer[4].GetProperty("ts").GetInt64());
    }
}
