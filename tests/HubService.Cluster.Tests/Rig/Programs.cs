namespace HubService.Cluster.Tests.Rig;

/// <summary>What is installed on this machine.</summary>
internal static class Programs
{
    public static bool Has(string program) => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(folder => File.Exists(Path.Combine(folder, program)));
}
