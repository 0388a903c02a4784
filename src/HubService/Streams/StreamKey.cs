using HubService.Contracts;

namespace HubService.Streams;

/// <summary>One stream of one tenant.</summary>
public readonly record struct StreamKey(string Tenant, string Kind, string Id)
{
    public StreamKey(string tenant, StreamId stream)
        : this(tenant, stream.Kind, stream.Id)
    {
    }

    public StreamId StreamId => new(Kind, Id);

    /// <summary>The SignalR group of the stream. The tenant is length-prefixed, so that no tenant can spell another one's group.</summary>
    public string Group => $"{Tenant.Length}:{Tenant}:{Kind}:{Id}";

    public override string ToString() => $"{Tenant}/{Kind}:{Id}";
}
