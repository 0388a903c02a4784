using HubService.Contracts;

namespace HubService.Streams;

/// <summary>One stream of one tenant.</summary>
internal readonly record struct StreamKey(string Tenant, string Kind, string Id)
{
    public StreamKey(string tenant, StreamId stream)
        : this(tenant, stream.Kind, stream.Id)
    {
    }

    public StreamId StreamId => new(Kind, Id);

    public bool Equals(StreamKey other) => Id == other.Id && Kind == other.Kind && Tenant == other.Tenant;

    /// <summary>There are three kinds, of three lengths.</summary>
    public override int GetHashCode() => HashCode.Combine(Id, Tenant, Kind?.Length);

    /// <summary>The SignalR group of the stream. The tenant is length-prefixed, so that no tenant can spell another one's group.</summary>
    public string Group => $"{Tenant.Length}:{Tenant}:{Kind}:{Id}";

    /// <summary>Reads a <see cref="Group"/>; false for a group that is no stream.</summary>
    public static bool TryParseGroup(string group, out StreamKey stream)
    {
        stream = default;
        int colon = group.IndexOf(':', StringComparison.Ordinal);
        if (colon < 1 || !int.TryParse(group.AsSpan(0, colon), System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out int length))
        {
            return false;
        }

        ReadOnlySpan<char> rest = group.AsSpan(colon + 1);
        if (rest.Length < length + 2 || rest[length] != ':' || rest[(length + 1)..].IndexOf(':') is not (> 0 and var kind))
        {
            return false;
        }

        stream = new StreamKey(rest[..length].ToString(), rest.Slice(length + 1, kind).ToString(), rest[(length + kind + 2)..].ToString());
        return true;
    }

    public override string ToString() => $"{Tenant}/{Kind}:{Id}";
}
