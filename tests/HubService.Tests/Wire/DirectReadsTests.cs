using System.Text;
using HubService.Delivery;
using HubService.Tests.Client;
using HubService.Validation;

namespace HubService.Tests.Wire;

/// <summary>The same bytes sent to a hub that reads them directly, and to one that leaves it to SignalR.</summary>
public class DirectReadsTests
{
    private const byte Final = ClientFrames.Final;

    public static TheoryData<string, byte[], int> Violations => new()
    {
        { "no mask", [Final | 1, 5, 0x61, 0x62, 0x63, 0x64, 0x65], 1002 },
        { "a reserved bit", ClientFrames.Frame(Final | 0x41, "a"u8), 1002 },
        { "an unknown kind", ClientFrames.Frame(Final | 3, "a"u8), 1002 },
        { "an unknown control", ClientFrames.Frame(Final | 11, "a"u8), 1002 },
        { "a continuation of nothing", ClientFrames.Frame(Final, "a"u8), 1002 },
        { "a message within a message", [.. ClientFrames.Frame(1, "{"u8), .. ClientFrames.Text("{")], 1002 },
        { "a ping in fragments", ClientFrames.Frame(9, "a"u8), 1002 },
        { "a long ping", ClientFrames.Frame(Final | 9, new byte[126]), 1002 },
        { "a length below zero", [Final | 2, 0xff, 0xff, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4], 1002 },
        { "half a code", ClientFrames.Frame(Final | 8, [3]), 1002 },
        { "a code that may not be sent", ClientFrames.Goodbye(1005), 1002 },
        { "no text", ClientFrames.Frame(Final | 1, [0x61, 0xff]), 1007 },
        { "half a character at the end", ClientFrames.Frame(Final | 1, [0x61, 0xc3]), 1007 },
        { "a goodbye", ClientFrames.Goodbye(1001), 1000 },
    };

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Messages_come_through_however_they_are_cut(bool direct)
    {
        await using HubHost host = await StartAsync(direct);
        string token = await host.WorkerTokenAsync();
        using FrameClient client = await FrameClient.ConnectAsync(host.Url, token);
        byte[] first = Encoding.UTF8.GetBytes(FrameClient.Ping(1));
        byte[] second = Encoding.UTF8.GetBytes(FrameClient.Ping(2));
        byte[] bytes =
        [
            .. ClientFrames.Text("{\"protocol\":\"json\",\"version\":1}\u001e"),
            .. ClientFrames.Frame(1, first.AsSpan(0, 10)), .. ClientFrames.Frame(Final | 9, "one"u8),
            .. ClientFrames.Frame(0, []), .. ClientFrames.Frame(0, first.AsSpan(10)), .. ClientFrames.Frame(Final | 9, "two"u8),
            .. ClientFrames.Frame(Final, second), .. ClientFrames.Text(FrameClient.Ping(3) + FrameClient.Ping(4)[..5]), .. ClientFrames.Frame(Final | 2, Encoding.UTF8.GetBytes(FrameClient.Ping(4)[5..])),
        ];
        await client.SendAsync(bytes, piece: 1);
        for (int id = 1; id <= 4; id++)
        {
            await client.AnsweredAsync(id);
        }

        await client.SendAsync(ClientFrames.Goodbye(1000));
        await client.ReadToEndAsync();
        Assert.Equal(1000, client.Code);
        Assert.Equal(["one", "two"], client.Received.Frames.Where(f => f.Opcode == 10).Select(f => Encoding.ASCII.GetString(f.Payload)));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_breaks_the_rules_is_answered_by_its_code_and_ends_the_connection(bool direct)
    {
        await using HubHost host = await StartAsync(direct);
        string token = await host.WorkerTokenAsync();
        Outboxes outboxes = host.Services.GetRequiredService<Outboxes>();
        foreach (TheoryDataRow<string, byte[], int> violation in Violations)
        {
            (string name, byte[] bytes, int code) = violation.Data;
            using FrameClient client = await FrameClient.GreetAsync(host, token);
            await client.SendAsync(bytes);
            await client.ReadToEndAsync();

            // SignalR's own way may cut the connection before its goodbye has left.
            Assert.True(code == client.Code || (!direct && client.Code is null), $"{name}: {client.Code}");
        }

        await Wait.Until(() => !outboxes.All.Any());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_large_message_is_answered_and_a_larger_one_refused(bool direct)
    {
        await using HubHost host = await StartAsync(direct);
        string token = await host.WorkerTokenAsync();
        using FrameClient client = await FrameClient.GreetAsync(host, token);
        string padded = FrameClient.Ping(1).Insert(1, new string(' ', 1_000_000));
        await client.SendAsync(ClientFrames.Text(padded), piece: 1_000);
        await client.AnsweredAsync(1);

        // The frame says that it is endless, and so it is refused by what comes of it.
        await client.SendAsync((byte[])[Final | 1, 0xff, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0]);
        await client.TrySendAsync(Enumerable.Repeat((byte)' ', JsonBody.MaxBytes + 1).ToArray());
        if (!direct)
        {
            // SignalR's own way waits for the client's end here, however long that takes.
            client.EndSending();
        }

        await client.ReadToEndAsync();
        Assert.True(client.Text.Contains("\"type\":7", StringComparison.Ordinal) || !direct);
        await Wait.Until(() => !host.Services.GetRequiredService<Outboxes>().All.Any());
    }

    /// <summary>Half a megabyte of records that never end where what is read of them at once does.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Many_small_messages_in_one_frame_are_all_taken(bool direct)
    {
        await using HubHost host = await StartAsync(direct);
        string token = await host.WorkerTokenAsync();
        using FrameClient client = await FrameClient.GreetAsync(host, token);
        string pings = string.Concat(Enumerable.Repeat("{\"type\":6,\"and\":\"so on and so on\"}\u001e", 15_000));
        await client.SendAsync(ClientFrames.Text(pings + FrameClient.Ping(1)));
        await client.AnsweredAsync(1);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_flood_of_pings_is_answered_one_by_one(bool direct)
    {
        await using HubHost host = await StartAsync(direct);
        string token = await host.WorkerTokenAsync();
        using FrameClient client = await FrameClient.GreetAsync(host, token);
        byte[][] pings = [.. Enumerable.Range(0, 3_000).Select(i => ClientFrames.Frame(Final | 9, Encoding.ASCII.GetBytes($"{i}")))];
        Task sending = client.SendAsync(pings.SelectMany(p => p).Concat(ClientFrames.Text(FrameClient.Ping(1))).ToArray());
        await client.AnsweredAsync(1);
        await sending;
        Assert.Equal(Enumerable.Range(0, pings.Length).Select(i => $"{i}"), client.Received.Frames.Where(f => f.Opcode == 10).Select(f => Encoding.ASCII.GetString(f.Payload)));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Whatever_happens_to_a_talk_ends_by_an_answer_or_a_goodbye(bool direct)
    {
        await using HubHost host = await StartAsync(direct);
        string token = await host.WorkerTokenAsync();
        Outboxes outboxes = host.Services.GetRequiredService<Outboxes>();
        var random = new Random(3);
        int refused = 0;
        for (int i = 0; i < 300; i++)
        {
            using FrameClient client = await FrameClient.GreetAsync(host, token);
            byte[] bytes = [.. ClientFrames.Text(FrameClient.Ping(1)), .. ClientFrames.Frame(Final | 9, "x"u8), .. ClientFrames.Text(FrameClient.Ping(2)), .. ClientFrames.Goodbye(1000)];
            bytes[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));
            await client.TrySendAsync(bytes, piece: 1 + random.Next(bytes.Length));
            client.EndSending();
            await client.ReadToEndAsync();
            refused += client.Code is 1002 or 1007 ? 1 : 0;
        }

        Assert.InRange(refused, direct ? 10 : 0, 290);
        await Wait.Until(() => !outboxes.All.Any());
        using FrameClient last = await FrameClient.GreetAsync(host, token);
        await last.SendAsync(ClientFrames.Text(FrameClient.Ping(1)));
        await last.AnsweredAsync(1);
    }

    private static Task<HubHost> StartAsync(bool direct) => HubHost.StartAsync(("Wire:Direct", $"{direct}"), ("Limits:MessagesPerSecond", "100000"));
}
