using System.Globalization;

namespace HubService.Telemetry;

/// <summary><c>HubService health [--url URL]</c>: asks the running service on this machine whether it lives, for images without curl.</summary>
internal static class HealthCommand
{
    public const string Name = "health";

    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(3);

    /// <summary>0 when the service answers with success, else 1 and a line on standard error.</summary>
    public static async Task<int> RunAsync(IReadOnlyList<string> args, Func<string, string?>? environment = null)
    {
        int at = args.ToList().IndexOf("--url");
        string url = at >= 0 && at + 1 < args.Count ? args[at + 1] : DefaultUrl(environment ?? Environment.GetEnvironmentVariable);
        try
        {
            // A proxy of the environment is for the world outside, and would answer in the service's place.
            using SocketsHttpHandler handler = new() { UseProxy = false, AllowAutoRedirect = false };
            using HttpClient client = new(handler) { Timeout = Deadline };
            using HttpResponseMessage response = await client.GetAsync(new Uri(url));
            if (response.IsSuccessStatusCode)
            {
                return 0;
            }

            await Console.Error.WriteLineAsync($"{url} answered {(int)response.StatusCode}.");
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException or UriFormatException or InvalidOperationException or NotSupportedException)
        {
            await Console.Error.WriteLineAsync($"{url} did not answer: {e.Message}");
        }

        return 1;
    }

    /// <summary>Loopback on the port the service listens on, by the same variables that Kestrel reads.</summary>
    internal static string DefaultUrl(Func<string, string?> environment)
    {
        string? listens = environment("ASPNETCORE_URLS")?.Split(';').FirstOrDefault(u => u.StartsWith("http://", StringComparison.OrdinalIgnoreCase));
        string? port = listens?.TrimEnd('/').Split(':')[^1]
            ?? environment("ASPNETCORE_HTTP_PORTS")?.Split(';').FirstOrDefault();
        return $"http://127.0.0.1:{(int.TryParse(port, NumberStyles.None, CultureInfo.InvariantCulture, out int p) ? p : 5000)}/health/live";
    }
}
