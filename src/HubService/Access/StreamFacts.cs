using HubService.Contracts;

namespace HubService.Access;

/// <summary>What deciding about a stream needs to know of it.</summary>
/// <param name="Exists">Was anything ever published to it?</param>
/// <param name="Realm">When set, only principals of this realm may come near.</param>
internal sealed record StreamFacts(bool Exists, string? Owner, IReadOnlyCollection<string> Members, string? Realm)
{
    public static readonly StreamFacts Missing = new(false, null, [], null);
}

/// <summary>Looks up the facts of a stream.</summary>
internal interface IStreamFacts
{
    ValueTask<StreamFacts> OfAsync(string tenant, StreamId stream, CancellationToken cancellationToken = default);

    /// <summary>From its completion on, the facts are not older than the stream was at this call.</summary>
    ValueTask RefreshAsync(string tenant, StreamId stream) => ValueTask.CompletedTask;
}
