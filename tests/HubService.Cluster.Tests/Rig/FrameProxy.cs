using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace HubService.Cluster.Tests.Rig;

/// <summary>A service that is broken on purpose: between a node and its subscribers it drops, or repeats, chosen messages.</summary>
internal sealed class FrameProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly Func<int, int> _times;
    private readonly int _target;
    private readonly Task _accepting;
    private int _events;

    /// <param name="target">The node's port.</param>
    /// <param name="times">How often the n-th frame with an event is passed on: 1 as it should be, 0 drops it, 2 repeats it.</param>
    public FrameProxy(int target, Func<int, int> times)
    {
        _target = target;
        _times = times;
        _listener.Start();
        Url = new Uri($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}");
        _accepting = AcceptAsync();
    }

    public Uri Url { get; }

    public async ValueTask DisposeAsync()
    {
        _listener.Stop();
        await _accepting;
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                _ = PassAsync(await _listener.AcceptTcpClientAsync());
            }
        }
        catch (SocketException)
        {
            // The test is over.
        }
    }

    private async Task PassAsync(TcpClient near)
    {
        using (near)
        using (var far = new TcpClient())
        {
            try
            {
                await far.ConnectAsync(IPAddress.Loopback, _target);
                await Task.WhenAny(near.GetStream().CopyToAsync(far.GetStream()), FramesAsync(far.GetStream(), near.GetStream()));
            }
            catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException)
            {
                // One of them went away.
            }
        }
    }

    /// <summary>The answer to the upgrade as it is, then frame by frame; those of a server are not masked.</summary>
    private async Task FramesAsync(NetworkStream from, NetworkStream to)
    {
        var head = new List<byte>();
        byte[] one = new byte[1];
        while (!EndsHead(head))
        {
            await from.ReadExactlyAsync(one);
            head.Add(one[0]);
        }

        await to.WriteAsync(head.ToArray());
        while (true)
        {
            byte[] frame = await FrameAsync(from);
            int times = Encoding.UTF8.GetString(frame).Contains("\"type\":\"EVENT\"", StringComparison.Ordinal) ? _times(Interlocked.Increment(ref _events)) : 1;
            for (int i = 0; i < times; i++)
            {
                await to.WriteAsync(frame);
            }
        }
    }

    private static bool EndsHead(List<byte> head) => head.Count >= 4 && head[^4] == '\r' && head[^3] == '\n' && head[^2] == '\r' && head[^1] == '\n';

    private static async Task<byte[]> FrameAsync(NetworkStream from)
    {
        byte[] header = new byte[10];
        await from.ReadExactlyAsync(header.AsMemory(0, 2));
        int extended = (header[1] & 0x7f) switch { 126 => 2, 127 => 8, _ => 0 };
        await from.ReadExactlyAsync(header.AsMemory(2, extended));
        int length = extended switch
        {
            2 => BinaryPrimitives.ReadUInt16BigEndian(header.AsSpan(2)),
            8 => (int)BinaryPrimitives.ReadInt64BigEndian(header.AsSpan(2)),
            _ => header[1] & 0x7f,
        };
        byte[] frame = new byte[2 + extended + length];
        header.AsSpan(0, 2 + extended).CopyTo(frame);
        await from.ReadExactlyAsync(frame.AsMemory(2 + extended));
        return frame;
    }
}
