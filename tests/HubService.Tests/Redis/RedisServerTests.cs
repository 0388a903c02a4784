namespace HubService.Tests.Redis;

public sealed class RedisServerTests
{
    [Fact]
    public async Task What_an_append_only_server_holds_survives_a_kill()
    {
        await using RedisServer server = await RedisServer.StartAsync(new RedisServerOptions(AppendFsync: "always", Password: "s3cret"));
        await server.CommandAsync("SET", "horse", "kůň");
        await server.RestartAsync();

        Assert.Equal("kůň", await server.CommandAsync("GET", "horse"));
    }

    [Fact]
    public async Task A_replica_copies_its_master()
    {
        await using RedisServer master = await RedisServer.StartAsync();
        await using RedisServer replica = await RedisServer.StartAsync(new RedisServerOptions(ReplicaOf: master));
        await Client.Wait.Until(() => replica.CommandAsync("INFO", "replication").GetAwaiter().GetResult().Contains("master_link_status:up", StringComparison.Ordinal));
        await master.CommandAsync("SET", "a", "1");

        await Client.Wait.Until(() => replica.CommandAsync("GET", "a").GetAwaiter().GetResult() == "1");
        Assert.StartsWith("-READONLY", await replica.CommandAsync("SET", "a", "2"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_stopped_server_answers_once_it_goes_on()
    {
        await using RedisServer server = await RedisServer.StartAsync();
        server.Stop();
        Task<string> answer = server.CommandAsync("PING");
        server.Continue();

        Assert.Equal("PONG", await answer);
    }
}
