using System.Globalization;

namespace HubService.Cluster.Tests.Rig;

/// <summary>A pair of interfaces, one of them in a namespace. Each end is told where the other is, and is told wrong when packets are to be lost: an interface drops what is not for it.</summary>
/// <param name="space">The namespace of the inner end.</param>
/// <param name="name">Of its interfaces, at most 14 letters.</param>
/// <param name="network">The first three numbers of its addresses.</param>
/// <param name="number">Which of the networks of four addresses it is, 0 to 63.</param>
internal sealed class Cable(string space, string name, string network, int number)
{
    private const string Nobody = "02:00:00:00:00:99";

    private readonly string _outer = $"{name}o";
    private readonly string _inner = $"{name}i";
    private readonly string _outerMac = string.Create(CultureInfo.InvariantCulture, $"02:00:00:00:01:{number:x2}");
    private readonly string _innerMac = string.Create(CultureInfo.InvariantCulture, $"02:00:00:00:02:{number:x2}");

    public string OuterAddress { get; } = $"{network}.{(4 * number) + 1}";

    public string InnerAddress { get; } = $"{network}.{(4 * number) + 2}";

    public void Lay()
    {
        IpTool.Run("link", "add", _outer, "address", _outerMac, "type", "veth", "peer", "name", _inner, "address", _innerMac, "netns", space);
        IpTool.Run("addr", "add", $"{OuterAddress}/30", "dev", _outer);
        IpTool.Run("link", "set", _outer, "up");
        IpTool.Run("-n", space, "addr", "add", $"{InnerAddress}/30", "dev", _inner);
        IpTool.Run("-n", space, "link", "set", _inner, "up");
        Mend();
    }

    /// <summary>Takes both ends away, if they are there.</summary>
    public void Remove() => IpTool.Try("link", "del", _outer);

    /// <summary>What is sent into the namespace is lost.</summary>
    public void LoseIncoming() => OuterKnows(Nobody);

    /// <summary>What is sent out of the namespace is lost.</summary>
    public void LoseOutgoing() => InnerKnows(Nobody);

    public void Mend()
    {
        OuterKnows(_innerMac);
        InnerKnows(_outerMac);
    }

    private void OuterKnows(string mac) => IpTool.Run("neigh", "replace", InnerAddress, "lladdr", mac, "dev", _outer, "nud", "permanent");

    private void InnerKnows(string mac) => IpTool.Run("-n", space, "neigh", "replace", OuterAddress, "lladdr", mac, "dev", _inner, "nud", "permanent");
}
