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
        StartLogFilter log = app.Services.GetRequiredService<StartLogFilter>();
        log.IsStarting = true;
        try
        {
            app.Services.GetRequiredService<IStartupValidator>().Validate();
            map(app);
            await app.StartAsync();
        }
        catch (OperationCanceledException) when (app.Lifetime.ApplicationStopping.IsCancellationRequested)
        {
            // Told to stop before it listened.
            await app.DisposeAsync();
            return 0;
        }
        catch (Exception e) when (IsExpected(e))
        {
            await Console.Error.WriteLineAsync($"HubService cannot start: {Reason(e)}");
            await app.DisposeAsync();
            return 1;
        }
        finally
        {
            log.IsStarting = false;
        }

        await app.WaitForShutdownAsync();
        await app.DisposeAsync();
        return 0;
    }

    /// <summary>What a setting, a port or a file can cause; anything else is a defect, whose trace is wanted.</summary>
    private static bool IsExpected(Exception e) =>
        e is OptionsValidationException or IOException or InvalidOperationException or FormatException or System.Net.Sockets.SocketException or Streams.LogException
        || (e is AggregateException { InnerExceptions: var all } && all.All(IsExpected));

    private static string Reason(Exception e) => e is AggregateException { InnerExceptions: var all } ? string.Join(' ', all.Select(Reason)) : e.Message;
}
