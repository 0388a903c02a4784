using System.Net;
using HubService.Contracts;
using HubService.Streams;
using StackExchange.Redis;

namespace HubService.Redis;

/// <summary>Finds the primary that a connection string means, and connects to it twice: for commands and for what is published.</summary>
internal sealed class RedisConnector(string connection)
{
    private const int ConnectTimeoutMs = 1_000;

    /// <exception cref="LogException">No primary can be reached; the message names what to set.</exception>
    public async Task<RedisPair> ConnectAsync()
    {
        try
        {
            ConfigurationOptions options = await FindPrimaryAsync();
            ConnectionMultiplexer commands = await OpenAsync(options);

            // Commands of many streams complete as they come; only what is published must keep its order.
            commands.PreserveAsyncOrder = false;
            try
            {
                RedisResult[] role = (RedisResult[])await commands.GetDatabase().ExecuteAsync("ROLE").WaitAsync(TimeSpan.FromMilliseconds(ConnectTimeoutMs));
                return (string)role[0] == "master"
                    ? new RedisPair(commands, await OpenAsync(options))
                    : throw new LogException(ErrorCodes.StoreUnavailable, $"The Redis that Redis:Connection names is a {(string)role[0]}, not a primary.");
            }
            catch
            {
                commands.Dispose();
                throw;
            }
        }
        catch (Exception e) when (e is RedisException or TimeoutException)
        {
            throw new LogException(ErrorCodes.StoreUnavailable, $"Redis cannot be reached ({Reason(e)}). Check Redis:Connection.", e);
        }
    }

    /// <summary>A fresh copy each time: the library keeps state in it.</summary>
    private ConfigurationOptions Parse()
    {
        ConfigurationOptions options = ConfigurationOptions.Parse(connection);
        options.AbortOnConnectFail = true;
        options.ConnectTimeout = ConnectTimeoutMs;
        options.ConnectRetry = 1;
        options.KeepAlive = 5;

        // Neither keys nor channels of the library's own among ours.
        options.TieBreaker = "";
        options.ConfigurationChannel = "";
        return options;
    }

    private async Task<ConfigurationOptions> FindPrimaryAsync()
    {
        ConfigurationOptions options = Parse();
        if (string.IsNullOrEmpty(options.ServiceName))
        {
            return options;
        }

        string service = options.ServiceName;
        foreach (EndPoint sentinel in options.EndPoints)
        {
            if (await AskSentinelAsync(sentinel, service) is { } primary)
            {
                options.ServiceName = null;
                options.EndPoints.Clear();
                options.EndPoints.Add(primary);
                return options;
            }
        }

        throw new LogException(ErrorCodes.StoreUnavailable, $"No sentinel of Redis:Connection knows a primary of '{service}'.");
    }

    /// <summary>Null when it cannot be reached or does not know.</summary>
    private async Task<EndPoint?> AskSentinelAsync(EndPoint sentinel, string service)
    {
        ConfigurationOptions options = Parse();
        options.ServiceName = null;
        options.Password = null;
        options.CommandMap = CommandMap.Sentinel;
        options.EndPoints.Clear();
        options.EndPoints.Add(sentinel);
        try
        {
            using ConnectionMultiplexer link = await OpenAsync(options);
            return await link.GetServer(sentinel).SentinelGetMasterAddressByNameAsync(service).WaitAsync(TimeSpan.FromMilliseconds(ConnectTimeoutMs));
        }
        catch (Exception e) when (e is RedisException or TimeoutException)
        {
            return null;
        }
    }

    private static async Task<ConnectionMultiplexer> OpenAsync(ConfigurationOptions options) =>
        await ConnectionMultiplexer.ConnectAsync(options).WaitAsync(TimeSpan.FromMilliseconds(3 * ConnectTimeoutMs));

    /// <summary>Never the library's whole message, which may hold the connection string.</summary>
    private static string Reason(Exception e) => e is RedisConnectionException c ? c.FailureType.ToString() : e.GetType().Name;
}

/// <summary>One connection for commands, one for what is published.</summary>
internal sealed record RedisPair(ConnectionMultiplexer Commands, ConnectionMultiplexer Subscriber) : IDisposable
{
    /// <summary>Without the second that the library gives each connection for its farewell.</summary>
    public void Dispose()
    {
        Commands.Close(allowCommandsToComplete: false);
        Subscriber.Close(allowCommandsToComplete: false);
    }
}
