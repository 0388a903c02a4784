using System.Net.NetworkInformation;

namespace HubService.Cluster.Tests.Rig;

/// <summary>A network of its own for one node, with one cable to its clients and one to Redis; packets on the latter can be lost, in one direction or in both.</summary>
internal sealed class NetNamespace : ILink
{
    private const string Folder = "/run/netns";
    private const string NamePrefix = "hubnode-";

    // Of the range that is kept for tests of networks (RFC 2544).
    private const string Networks = "198.18";

    private static int _count;

    private readonly Cable _clients;
    private readonly Cable _redis;

    private NetNamespace(int number)
    {
        string network = FreeNetwork();
        Name = $"{NamePrefix}{Environment.ProcessId}-{number}";
        _clients = new Cable(Name, $"hc{Environment.ProcessId}x{number}", network, 0);
        _redis = new Cable(Name, $"hr{Environment.ProcessId}x{number}", network, 1);
    }

    public string Name { get; }

    /// <summary>Where clients find what listens in it.</summary>
    public string Address => _clients.InnerAddress;

    /// <summary>Where Redis has to listen to be found from within.</summary>
    public string RedisAddress => _redis.OuterAddress;

    /// <summary>Null where it cannot be had: that takes root, iproute2, and a kernel that allows it.</summary>
    public static NetNamespace? TryCreate()
    {
        if (!IpTool.IsThere)
        {
            return null;
        }

        RemoveLeftOvers();
        var made = new NetNamespace(Interlocked.Increment(ref _count));
        if (IpTool.Try("netns", "add", made.Name) is not null)
        {
            return null;
        }

        try
        {
            IpTool.Run("-n", made.Name, "link", "set", "lo", "up");
            made._clients.Lay();
            made._redis.Lay();
            return made;
        }
        catch (InvalidOperationException)
        {
            made.Remove();
            throw;
        }
    }

    /// <summary>The command that runs another one within. <c>ip</c> becomes what it starts, which so keeps the id of the process.</summary>
    public IReadOnlyList<string> Within(IEnumerable<string> command) => ["ip", "netns", "exec", Name, .. command];

    public void Silence()
    {
        _redis.LoseOutgoing();
        _redis.LoseIncoming();
    }

    public void SilenceAnswers() => _redis.LoseIncoming();

    public void Mend() => _redis.Mend();

    public ValueTask DisposeAsync()
    {
        Remove();
        return ValueTask.CompletedTask;
    }

    private void Remove()
    {
        _clients.Remove();
        _redis.Remove();
        IpTool.Try("netns", "del", Name);
    }

    /// <summary>Those of test runs that were killed; with them go their cables.</summary>
    private static void RemoveLeftOvers()
    {
        foreach (string name in Directory.Exists(Folder) ? Directory.GetFiles(Folder, $"{NamePrefix}*").Select(f => Path.GetFileName(f)) : [])
        {
            if (!Directory.Exists($"/proc/{name[NamePrefix.Length..].Split('-')[0]}"))
            {
                IpTool.Try("netns", "del", name);
            }
        }
    }

    /// <summary>One that no interface of the machine is in.</summary>
    private static string FreeNetwork()
    {
        HashSet<string> taken = [.. NetworkInterface.GetAllNetworkInterfaces().SelectMany(i => i.GetIPProperties().UnicastAddresses).Select(a => $"{a.Address}")];
        return Enumerable.Range(Environment.ProcessId, 256).Select(i => $"{Networks}.{i % 256}").First(n => !taken.Any(a => a.StartsWith($"{n}.", StringComparison.Ordinal)));
    }
}
