using System.Security.Cryptography;
using System.Text;

namespace HubService.Redis;

/// <summary>The keys and channels by which nodes know of each other.</summary>
internal sealed class ClusterKeys(string prefix)
{
    /// <summary>A hash: node to <c>{Redis ms of its last beat} {works or left} {version of its facts}</c>.</summary>
    public string Nodes { get; } = $"{prefix}:nodes";

    /// <summary>A channel: the name of a node that came, left or shares something else.</summary>
    public string Changes { get; } = $"{prefix}:nodes:changed";

    /// <summary>A channel: words for one node, each a <see cref="NodeWord"/>.</summary>
    public string Channel(string node) => $"{prefix}:node:{node}";

    /// <summary>A hash: topic to the fact that the node shares; outlives the node by seconds.</summary>
    public string Facts(string node) => $"{prefix}:node:{node}:facts";

    /// <summary>A hash: node to its share of a number. Its name is hashed: it has names of users in it.</summary>
    public string Shares(string name) => $"{prefix}:c:{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(name)).AsSpan(0, 16))}";
}
