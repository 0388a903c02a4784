using HubService.Streams;

namespace HubService.Agents;

/// <summary>Who publishes runs of a thread, as nodes tell each other.</summary>
internal sealed record RunHolders(StreamKey Thread, IReadOnlyList<RunHolder> Runs);

/// <param name="Handle">The publisher's connection; empty when it has gone away, null when there is nothing to know of the run any more.</param>
internal sealed record RunHolder(string RunId, string? Handle);
