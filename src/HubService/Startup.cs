using Microsoft.Extensions.Options;

namespace HubService;

/// <summary>Runs the service and says in one sentence why it cannot start, when it cannot.</summary>
public static class Startup
{
    /// <param name="map">Maps the endpoints. It comes in here because mapping a hub already reads the options and opens the log, which may refuse.</param>
    /// <returns>The exit code: 0 after a clean stop, 1 when the service could not start.</returns>
    public static async Task<int> RunHubServiceAsync(this WebApplication app, Action<WebApplication> map)
    {
        ArgumentNullException.ThrowIfNull(app);
        ArgumentNullException.ThrowIfNull(map);
        try
        {
            map(app);
            await app.StartAsync();
        }
        catch (OperationCanceledException) when (app.Lifetime.ApplicationStopping.IsCancellationRequested)
        {
            // Told to stop before it listened.
            await app.DisposeAsync();
            return 0;
        }
        catch (Exception e) when (e is OptionsValidationException or IOException or InvalidOperationException or Streams.LogException)
        {
            await Console.Error.WriteLineAsync($"HubService cannot start: {e.Message}");
            await app.DisposeAsync();
            return 1;
        }

        await app.WaitForShutdownAsync();
        await app.DisposeAsync();
        return 0;
    }
}
