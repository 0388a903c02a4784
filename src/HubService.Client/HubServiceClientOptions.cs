using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace HubService.Client;

/// <summary>Why an access token is asked for.</summary>
public enum TokenReason
{
    /// <summary>The first connect, or a reconnect after a drop. A cached token will do.</summary>
    Connect,

    /// <summary>The hub answered 401 or 403 to the last one: fetch a new token. When that is refused too, the client gives up.</summary>
    Rejected,

    /// <summary>The hub announced <c>token_expiring</c>: fetch a new token for the same subject, tenant and realm.</summary>
    Expiring,
}

/// <summary>How <see cref="AgentClient"/> and <see cref="ProjectClient"/> reach the hub.</summary>
public sealed class HubServiceClientOptions
{
    /// <summary>The service's base address (http, https, ws or wss), without <c>/hubs/…</c>.</summary>
    public Uri? Url { get; set; }

    /// <summary>Gives the bearer token, sent as an Authorization header and never logged. Null, or a null answer, connects without one.</summary>
    public Func<TokenReason, CancellationToken, ValueTask<string?>>? AccessToken { get; set; }

    /// <summary>The wait before each new attempt, for the first connect and for every reconnect.</summary>
    public RetryPolicy Retry { get; set; } = new();

    /// <summary>How long a call waits for the connection before it fails with <c>not_connected</c>.</summary>
    public TimeSpan ConnectedWithin { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>How long a call that was sent waits for its answer before it fails with <c>outcome_unknown</c>.</summary>
    public TimeSpan CallTimeout { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>How long a publish is retried, with the same event ids, before it fails.</summary>
    public TimeSpan PublishDeadline { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How many events may wait to be published, over all streams of the client; one more fails with <c>queue_full</c>. <c>agent_started</c>, <c>tool_completed</c> and <c>agent_completed</c> are taken also then, so that a run always ends.</summary>
    public int QueuedEvents { get; set; } = 10_000;

    /// <summary>The same in bytes of JSON.</summary>
    public long QueuedBytes { get; set; } = 64 * 1024 * 1024;

    /// <summary>After this time without a connection the client raises <see cref="HubClient.ConnectionLoss"/>; shorter interruptions are not reported.</summary>
    public TimeSpan LostAfter { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>A run or stage that publishes nothing for this long is kept alive with a heartbeat.</summary>
    public TimeSpan HeartbeatInterval { get; set; } = TimeSpan.FromSeconds(20);

    /// <summary>Events kept for one slow subscription; beyond it they are dropped and read again from the hub, in order.</summary>
    public int BufferedEvents { get; set; } = 256;

    /// <summary>Every delay and duration goes by this clock.</summary>
    public TimeProvider TimeProvider { get; set; } = TimeProvider.System;

    /// <summary>Where the client logs, under categories that begin with <c>HubService.Client</c>; nowhere by default.</summary>
    public ILoggerFactory LoggerFactory { get; set; } = NullLoggerFactory.Instance;

    /// <summary>Uses one token for the life of the client.</summary>
    public HubServiceClientOptions UseToken(string token)
    {
        AccessToken = (_, _) => ValueTask.FromResult<string?>(token);
        return this;
    }

    /// <summary>The WebSocket address of a hub, e.g. <c>wss://host/base/hubs/agent</c>.</summary>
    /// <exception cref="InvalidOperationException">An option is missing or out of range; the message names it.</exception>
    internal Uri HubAddress(string path)
    {
        if (Url is not { IsAbsoluteUri: true, Scheme: "http" or "https" or "ws" or "wss" })
        {
            throw new InvalidOperationException("HubServiceClientOptions.Url must be an absolute http(s) or ws(s) address.");
        }

        AtLeastOne(BufferedEvents, nameof(BufferedEvents));
        AtLeastOne(QueuedEvents, nameof(QueuedEvents));
        AtLeastOne(QueuedBytes, nameof(QueuedBytes));

        return new UriBuilder(Url)
        {
            Scheme = Url.Scheme is "https" or "wss" ? "wss" : "ws",
            Port = Url.Port,
            Path = $"{Url.AbsolutePath.TrimEnd('/')}/{path.TrimStart('/')}",
            Query = "",
            Fragment = "",
        }.Uri;
    }

    private static void AtLeastOne(long value, string name)
    {
        if (value < 1)
        {
            throw new InvalidOperationException($"HubServiceClientOptions.{name} must be at least 1.");
        }
    }
}
