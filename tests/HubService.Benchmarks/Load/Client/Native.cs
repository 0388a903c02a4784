using System.Runtime.InteropServices;

namespace HubService.Benchmarks.Load.Client;

/// <summary>What Linux offers and .NET does not: waiting for many sockets on one thread, sleeping for less than a millisecond.</summary>
internal static partial class Native
{
    private const long NanosecondsPerSecond = 1_000_000_000;

    public static void Sleep(long nanoseconds)
    {
        long[] span = [nanoseconds / NanosecondsPerSecond, nanoseconds % NanosecondsPerSecond];
        _ = NanoSleep(ref span[0], 0);
    }

    [LibraryImport("libc", EntryPoint = "epoll_create1", SetLastError = true)]
    public static partial int EpollCreate(int flags);

    [LibraryImport("libc", EntryPoint = "epoll_ctl", SetLastError = true)]
    public static partial int EpollControl(int poller, int operation, int socket, ref byte change);

    [LibraryImport("libc", EntryPoint = "epoll_wait", SetLastError = true)]
    public static partial int EpollWait(int poller, ref byte events, int most, int milliseconds);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    public static partial int Close(int handle);

    [LibraryImport("libc", EntryPoint = "nanosleep", SetLastError = true)]
    private static partial int NanoSleep(ref long span, nint remaining);
}
