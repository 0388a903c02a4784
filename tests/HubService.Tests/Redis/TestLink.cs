using HubService.Redis;
using StackExchange.Redis;

namespace HubService.Tests.Redis;

/// <summary>A connection to a Redis server, which a test can break off or replace.</summary>
internal sealed class TestLink : IRedisLink, IDisposable
{
    private readonly string _connection;
    private readonly List<Action> _onReconnected = [];
    private ConnectionMultiplexer _multiplexer;

    private TestLink(string connection, ConnectionMultiplexer multiplexer)
    {
        _connection = connection;
        _multiplexer = multiplexer;
    }

    public IDatabase Database => _multiplexer.GetDatabase();

    public ISubscriber Subscriber => _multiplexer.GetSubscriber();

    public static async Task<TestLink> OpenAsync(string connection) => new(connection, await ConnectAsync(connection));

    public void OnReconnected(Action callback) => _onReconnected.Add(callback);

    /// <summary>Another connection takes the place of this one, which stays open for a while.</summary>
    public async Task<IDisposable> ReplaceAsync()
    {
        ConnectionMultiplexer old = _multiplexer;
        _multiplexer = await ConnectAsync(_connection);
        _onReconnected.ForEach(static callback => callback());
        return old;
    }

    // Without waiting for farewells, which the library does for a second.
    public void Dispose() => _multiplexer.Close(allowCommandsToComplete: false);

    private static Task<ConnectionMultiplexer> ConnectAsync(string connection)
    {
        ConfigurationOptions options = ConfigurationOptions.Parse(connection);
        options.AbortOnConnectFail = false;
        options.ConnectTimeout = 1_000;
        options.TieBreaker = "";
        options.ConfigurationChannel = "";
        return ConnectionMultiplexer.ConnectAsync(options);
    }
}
