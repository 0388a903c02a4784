using System.Text;
using HubService.Streams;

namespace HubService.Cluster;

/// <summary>
/// Each stream has one keeper among the living nodes: the node whose clock its leases run by and who gives its work to workers.
/// Any node publishes; what the keeper decides it decides on the stream's head, so that two nodes which for a moment both take
/// themselves for the keeper harm nothing. The choice is by rendezvous hashing: a node that comes or goes moves only its share.
/// </summary>
internal sealed class Keepers(ICluster cluster)
{
    public bool IsMine(StreamKey stream) => KeeperOf(stream) == cluster.Self;

    /// <summary>This node when no node takes work any more.</summary>
    public string KeeperOf(StreamKey stream)
    {
        IReadOnlyList<string> nodes = cluster.Nodes;
        if (nodes.Count <= 1)
        {
            return nodes.Count == 1 ? nodes[0] : cluster.Self;
        }

        string name = stream.Group;
        string keeper = nodes[0];
        ulong best = Weight(keeper, name);
        for (int i = 1; i < nodes.Count; i++)
        {
            ulong weight = Weight(nodes[i], name);
            if (weight > best)
            {
                (keeper, best) = (nodes[i], weight);
            }
        }

        return keeper;
    }

    /// <summary>FNV-1a with a finishing mix: the same on every node, whatever its runtime.</summary>
    private static ulong Weight(string node, string stream)
    {
        ulong hash = 14695981039346656037;
        foreach (byte b in Encoding.UTF8.GetBytes(node + "\n" + stream))
        {
            hash = (hash ^ b) * 1099511628211;
        }

        hash ^= hash >> 33;
        hash *= 0xff51afd7ed558ccd;
        return hash ^ (hash >> 33);
    }
}
