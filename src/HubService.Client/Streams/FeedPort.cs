using HubService.Contracts;

namespace HubService.Client;

/// <summary>What the feed of a stream needs of its client.</summary>
/// <param name="WaitConnected">Completes with the number of the connection when there is one.</param>
/// <param name="Subscribe">Asks the hub for everything after a position; null for what comes from now on.</param>
/// <param name="Recovery">Told of every answer to <paramref name="Subscribe"/>, on no particular thread; must not block or throw.</param>
/// <param name="Idle">Told when nothing is left to tell the hub.</param>
internal sealed record FeedPort(
    Func<CancellationToken, Task<int>> WaitConnected,
    Func<StreamPosition?, CancellationToken, Task<SubscribeResult>> Subscribe,
    Func<CancellationToken, Task> Unsubscribe,
    Action<RecoveryEventArgs> Recovery,
    Action<StreamFeed> Idle);
