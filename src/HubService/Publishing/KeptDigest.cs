using System.Text.Json.Serialization;
using HubService.Cluster;
using HubService.Streams;

namespace HubService.Publishing;

/// <summary>What a node tells a stream's keeper of the events it appended: as much as leases need.</summary>
internal sealed record KeptDigest(StreamKey Stream, IReadOnlyList<KeptEvent> Events);

/// <param name="Run">The run it belongs to.</param>
/// <param name="Connection">The handle of the connection that published it.</param>
internal sealed record KeptEvent(string Type, string? Run, string? Connection);

[JsonSerializable(typeof(KeptDigest))]
[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, Converters = [typeof(StreamKeyConverter)])]
internal sealed partial class PublishingNodesJson : JsonSerializerContext;
