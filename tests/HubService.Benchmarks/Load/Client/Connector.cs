namespace HubService.Benchmarks.Load.Client;

/// <summary>Does something with many connections, so many of them at a time, each on a thread that waits.</summary>
internal static class Connector
{
    /// <exception cref="IOException">One of them failed; the others are done or given up.</exception>
    public static void ForAll(IReadOnlyList<Connection> connections, int atOnce, Action<Connection> action)
    {
        int next = -1;
        Exception? failure = null;
        Thread[] threads = [.. Enumerable.Range(0, Math.Min(atOnce, connections.Count)).Select(_ => new Thread(Work, maxStackSize: 256 * 1024))];
        Array.ForEach(threads, t => t.Start());
        Array.ForEach(threads, t => t.Join());
        if (failure is not null)
        {
            throw new IOException(failure.Message, failure);
        }

        void Work()
        {
            for (int i = Interlocked.Increment(ref next); i < connections.Count && Volatile.Read(ref failure) is null; i = Interlocked.Increment(ref next))
            {
                try
                {
                    action(connections[i]);
                }
                catch (Exception e) when (e is IOException or System.Net.Sockets.SocketException)
                {
                    Volatile.Write(ref failure, e);
                }
            }
        }
    }
}
