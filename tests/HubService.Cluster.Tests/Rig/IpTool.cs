using System.Diagnostics;

namespace HubService.Cluster.Tests.Rig;

/// <summary>The <c>ip</c> of iproute2, which changes the networks of this machine.</summary>
internal static class IpTool
{
    /// <summary>Root on Linux, with iproute2 installed; whether the kernel allows it is another matter.</summary>
    public static bool IsThere { get; } = Environment.IsPrivilegedProcess && OperatingSystem.IsLinux() && Programs.Has("ip");

    /// <exception cref="InvalidOperationException">It refuses.</exception>
    public static void Run(params string[] arguments)
    {
        if (Try(arguments) is { } error)
        {
            throw new InvalidOperationException($"ip {string.Join(' ', arguments)}: {error}");
        }
    }

    /// <returns>What is wrong; null when it worked.</returns>
    public static string? Try(params string[] arguments)
    {
        using Process ip = Process.Start(new ProcessStartInfo("ip", arguments) { UseShellExecute = false, RedirectStandardError = true })!;
        string error = ip.StandardError.ReadToEnd();
        ip.WaitForExit();
        return ip.ExitCode == 0 ? null : error.Length > 0 ? error : $"ended with {ip.ExitCode}";
    }
}
