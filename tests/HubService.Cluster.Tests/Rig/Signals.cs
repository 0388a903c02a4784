using System.Diagnostics;
using System.Globalization;

namespace HubService.Cluster.Tests.Rig;

/// <summary>Sends a signal to one process that the rig started.</summary>
internal static class Signals
{
    public static void Send(Process process, string signal)
    {
        using Process kill = Process.Start("kill", [$"-{signal}", process.Id.ToString(CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
        Assert.Equal(0, kill.ExitCode);
    }
}
