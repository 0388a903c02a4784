using System.Text.Json.Serialization.Metadata;
using HubService.Contracts;

namespace HubService.Cluster;

/// <summary>A call from node to node: under which topic, and how what is asked and answered is written.</summary>
internal sealed record NodeCall<TCall, TAnswer>(string Topic, JsonTypeInfo<TCall> Call, JsonTypeInfo<TAnswer> Answer)
    where TAnswer : HubResult, new();
