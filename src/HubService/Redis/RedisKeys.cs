using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using HubService.Streams;
using StackExchange.Redis;

namespace HubService.Redis;

/// <summary>Every key and channel of the log, and what is in it; those of the nodes are in <see cref="ClusterKeys"/>. Names of users and tenants are hashed: they cannot collide, nor steer where a key lies.</summary>
internal sealed class RedisKeys(string prefix)
{
    /// <summary>Set: the names (<see cref="StreamKey.Group"/>) of streams whose snapshot is unfinished or does not cover the top.</summary>
    public RedisKey Unsettled { get; } = $"{prefix}:unsettled";

    /// <summary>Text: a node that was refused writes it to see whether there is room again; gone after a second.</summary>
    public RedisKey Room { get; } = $"{prefix}:room";

    /// <summary>Channel: the numbers that a node publishes to itself to see that the way through Redis works.</summary>
    public RedisChannel Probe(string node) => $"{prefix}:probe:{node}";

    public StreamKeys Of(StreamKey stream)
    {
        string root = $"{prefix}:{{{Tag(stream)}}}";
        return new StreamKeys($"{root}:m", $"{root}:l", $"{root}:i", $"{root}:j", $"{root}:s", root);
    }

    /// <summary>The first 15 bytes of SHA-256 over the three parts of the stream's name, each with its length in front.</summary>
    private static string Tag(StreamKey stream)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> length = stackalloc byte[4];
        foreach (string part in (ReadOnlySpan<string>)[stream.Tenant, stream.Kind, stream.Id])
        {
            byte[] bytes = Encoding.UTF8.GetBytes(part);
            BinaryPrimitives.WriteInt32BigEndian(length, bytes.Length);
            hash.AppendData(length);
            hash.AppendData(bytes);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset().AsSpan(0, 15));
    }
}

/// <summary>The keys of one stream; all lie in one slot.</summary>
/// <param name="Meta">Hash: <c>top</c> (newest seq), <c>nonce</c>, <c>line</c> (line of history at the last write), <c>forks</c>, <c>low</c> and <c>low_at</c> (lowest seq readable, and its time), <c>since</c> (begin of the ids' generation), <c>kept</c> (the generation whose time to live is set), <c>at</c> (time of the newest entry), <c>alive</c> (when the keys' time to live was set last).</param>
/// <param name="Log">Stream: entry id <c>seq-0</c>, fields <c>t</c> (Unix ms, never less than the entry's before) and <c>d</c> (<see cref="EntryCodec"/>).</param>
/// <param name="Ids">Hash: event id to <c>seq ms</c>, of this generation.</param>
/// <param name="IdsBefore">The same, of the generation before.</param>
/// <param name="Snapshot">Hash: <c>seq</c>, <c>unfinished</c>, <c>state</c>.</param>
/// <param name="Channel">What was appended, for the nodes that follow. All keys begin with its name; the script that appends makes them from it.</param>
internal sealed record StreamKeys(RedisKey Meta, RedisKey Log, RedisKey Ids, RedisKey IdsBefore, RedisKey Snapshot, string Channel);
