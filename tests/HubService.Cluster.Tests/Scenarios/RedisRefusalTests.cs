using HubService.Cluster.Tests.Rig;
using HubService.Tests.Redis;

namespace HubService.Cluster.Tests.Scenarios;

/// <summary>Redis answers, and refuses.</summary>
public sealed class RedisRefusalTests
{
    private static readonly string[] Projects = ["refusal-a", "refusal-b"];

    // R32. Out of memory: the script writes nothing, not half of it.
    [Fact]
    public Task Out_of_memory_applies_nothing() => UnderLoadAsync("OOM", "store_full", async redis =>
    {
        await redis.CommandAsync("CONFIG", "SET", "maxmemory", "1");
        await LastAsync();
        await redis.CommandAsync("CONFIG", "SET", "maxmemory", "0");
    });

    // R32. READONLY: the primary has become a replica, and is a primary again later.
    [Fact]
    public Task A_primary_that_is_a_replica_for_a_while_is_found_again() => UnderLoadAsync("READONLY", "store_unavailable", async redis =>
    {
        await redis.CommandAsync("REPLICAOF", "127.0.0.1", "1");
        await LastAsync();
        await redis.CommandAsync("REPLICAOF", "NO", "ONE");
    });

    // R32. NOREPLICAS: fewer replicas than the server wants before it writes.
    [Fact]
    public Task Too_few_replicas_apply_nothing() => UnderLoadAsync("NOREPLICAS", "store_unavailable", async redis =>
    {
        await redis.CommandAsync("CONFIG", "SET", "min-replicas-to-write", "1");
        await LastAsync();
        await redis.CommandAsync("CONFIG", "SET", "min-replicas-to-write", "0");
    });

    // R32. BUSY: somebody's script keeps the server from everything else.
    [Fact]
    public Task A_busy_server_applies_nothing() => UnderLoadAsync("BUSY", null, async redis =>
    {
        await redis.CommandAsync("CONFIG", "SET", "busy-reply-threshold", "100");
        Task<string> busy = redis.CommandAsync("EVAL", "while true do end", "0");
        await LastAsync();
        await redis.CommandAsync("SCRIPT", "KILL");
        await busy;
    });

    // R32. NOSCRIPT: the scripts are gone time and again, and the order of each stream holds.
    [Fact]
    public Task Scripts_that_are_gone_are_sent_again_in_order() => UnderLoadAsync("SCRIPT FLUSH", null, async redis =>
    {
        Task last = LastAsync();
        while (!last.IsCompleted)
        {
            await redis.CommandAsync("SCRIPT", "FLUSH");
            await Waiting.PauseAsync(TimeSpan.FromMilliseconds(20));
        }
    });

    // R32. LOADING: a server that is reading its file answers, and takes nothing yet.
    [Fact]
    public Task A_server_that_loads_applies_nothing() => UnderLoadAsync(
        "LOADING",
        null,
        async redis =>
        {
            await redis.KillAsync();
            await redis.StartAsync();
        },
        // With everysec a kill may take what a busy disk kept waiting, which is not what this is about.
        new RedisServerOptions("always", null, null, "--key-load-delay", "2000"));

    private static Task LastAsync() => Waiting.PauseAsync(TimeSpan.FromSeconds(Scale.Of(2, 5)));

    /// <param name="code">What some publisher must have been answered.</param>
    private static async Task UnderLoadAsync(string name, string? code, Func<RedisServer, Task> refuse, RedisServerOptions? options = null)
    {
        await using Scenario scenario = await Scenario.StartAsync($"R32 {name}", options);
        scenario.Subscribe(10, Projects);
        scenario.Publish(4, batch: 4);
        await scenario.LiveAsync();
        Load load = scenario.StartLoad(Projects, 200);
        await scenario.AcknowledgedAsync(400);
        await refuse(scenario.Redis);
        TimeSpan recovered = await scenario.AcknowledgedAsync(20);
        await load.StopAsync();
        Dictionary<string, int> errors = scenario.Publishers.SelectMany(p => p.Errors).GroupBy(e => e.Key).ToDictionary(g => g.Key, g => g.Sum(e => e.Value));
        Figures.Report($"R32 {name}", $"answered {string.Join(", ", errors.Select(e => $"{e.Key} {e.Value}"))}; publishing again after {recovered.TotalMilliseconds:0} ms");
        await scenario.AssertSoundAsync();
        Assert.True(code is null || errors.ContainsKey(code), $"nobody was answered {code}");
        Assert.All(scenario.Subscribers, s => Assert.Empty(s.Resets));
    }
}
