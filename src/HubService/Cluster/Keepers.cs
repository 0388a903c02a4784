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
        return nodes.Count switch
        {
            0 => cluster.Self,
            1 => nodes[0],
            _ => Best(nodes, stream.Group, except: null)!,
        };
    }

    /// <summary>The node that keeps the stream when its keeper is gone; null when there is no other.</summary>
    public string? DeputyOf(StreamKey stream)
    {
        IReadOnlyList<string> nodes = cluster.Nodes;
        return nodes.Count <= 1 ? null : Best(nodes, stream.Group, except: Best(nodes, stream.Group, except: null));
    }

    private static string? Best(IReadOnlyList<string> nodes, string stream, string? except)
    {
        string? best = null;
        ulong most = 0;
        foreach (string node in nodes)
        {
            if (node != except && Weight(node, stream) is var weight && (best is null || weight > most))
            {
                (best, most) = (node, weight);
            }
        }

        return best;
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
