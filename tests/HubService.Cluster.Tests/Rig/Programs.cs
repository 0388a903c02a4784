namespace HubService.Cluster.Tests.Rig;

/// <summary>What is installed on this machine.</summary>
internal static class Programs
{
    // Those for root may be missing in a user's path.
    private static readonly string[] Folders = [.. (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries), "/usr/sbin", "/sbin"];

    public static bool Has(string program) => Folders.Any(folder => File.Exists(Path.Combine(folder, program)));
}
