namespace HubService;

/// <summary>
/// How many buffers .NET's shared pool keeps. Each write that waits for its connection holds one of 4 KiB, and a commit hands
/// out events to hundreds of connections at once: with the default of 32 per core most of these buffers would be made anew
/// for every event, which doubles the work of the garbage collector.
/// </summary>
internal static class BufferPool
{
    private const string Setting = "DOTNET_SYSTEM_BUFFERS_SHAREDARRAYPOOL_MAXARRAYSPERPARTITION";

    /// <summary>To be called before anything else: the pool reads the setting at its first use. What the environment says stays.</summary>
    public static void Enlarge()
    {
        if (Environment.GetEnvironmentVariable(Setting) is null)
        {
            Environment.SetEnvironmentVariable(Setting, "2048");
        }
    }
}
