using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace HubService.Benchmarks.Load.Client;

/// <summary>Says which of many sockets have something to read, on the caller's own thread (epoll, level-triggered).</summary>
internal sealed class Poller : IDisposable
{
    private const int Add = 1;
    private const int Remove = 2;
    private const int Readable = 1;
    private const int Most = 512;
    private const int Interrupted = 4;

    // The kernel's struct is packed on x64 alone.
    private static readonly int DataAt = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 4 : 8;
    private static readonly int Size = DataAt + 8;

    private readonly byte[] _events = new byte[Most * Size];
    private readonly int _poller;

    public Poller()
    {
        _poller = Native.EpollCreate(0);
        if (_poller < 0)
        {
            throw new IOException($"epoll_create1 failed: {Marshal.GetLastPInvokeError()}.");
        }
    }

    /// <param name="name">What <see cref="Wait"/> calls the socket.</param>
    public void Watch(Socket socket, int name)
    {
        byte[] change = new byte[Size];
        MemoryMarshal.Write(change, Readable);
        MemoryMarshal.Write(change.AsSpan(DataAt), (long)name);
        if (Native.EpollControl(_poller, Add, (int)socket.Handle, ref change[0]) < 0)
        {
            throw new IOException($"epoll_ctl failed: {Marshal.GetLastPInvokeError()}.");
        }
    }

    public void Forget(Socket socket)
    {
        byte[] ignored = new byte[Size];
        _ = Native.EpollControl(_poller, Remove, (int)socket.Handle, ref ignored[0]);
    }

    /// <summary>The number of sockets that have something, at most as many as <paramref name="names"/> holds; 0 when the time is over.</summary>
    public int Wait(Span<int> names, int milliseconds)
    {
        int ready = Native.EpollWait(_poller, ref _events[0], Math.Min(names.Length, Most), milliseconds);
        if (ready < 0)
        {
            return Marshal.GetLastPInvokeError() == Interrupted ? 0 : throw new IOException($"epoll_wait failed: {Marshal.GetLastPInvokeError()}.");
        }

        for (int i = 0; i < ready; i++)
        {
            names[i] = (int)MemoryMarshal.Read<long>(_events.AsSpan((i * Size) + DataAt));
        }

        return ready;
    }

    public void Dispose() => _ = Native.Close(_poller);
}
