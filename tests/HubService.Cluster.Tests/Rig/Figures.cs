using System.Globalization;

namespace HubService.Cluster.Tests.Rig;

/// <summary>What a scenario measured: printed, and kept beside the tests in <c>figures.txt</c>.</summary>
internal static class Figures
{
    private static readonly Lock Gate = new();

    public static void Report(string scenario, string what)
    {
        string line = $"{scenario}: {what}";
        TestContext.Current.SendDiagnosticMessage(line);
        TestContext.Current.TestOutputHelper?.WriteLine(line);
        lock (Gate)
        {
            File.AppendAllText(Path.Combine(AppContext.BaseDirectory, "figures.txt"), line + "\n");
        }
    }

    /// <summary><c>p50 1.2 p99 8.0 max 9.1 ms of 400</c>.</summary>
    public static string Spread(IEnumerable<TimeSpan> times)
    {
        double[] ms = [.. times.Select(t => t.TotalMilliseconds).Order()];
        return ms.Length == 0 ? "none" : string.Create(CultureInfo.InvariantCulture, $"p50 {At(ms, 0.5):0.0} p99 {At(ms, 0.99):0.0} max {ms[^1]:0.0} ms of {ms.Length}");
    }

    private static double At(double[] sorted, double share) => sorted[Math.Min(sorted.Length - 1, (int)(sorted.Length * share))];
}
