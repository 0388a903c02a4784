using Microsoft.Extensions.Logging.Console;
using Microsoft.Extensions.Options;

namespace HubService.Telemetry;

/// <summary>
/// Leaves out log scopes where no log shows them: each connection would carry three of them, with an activity, for as long as it
/// is open. <c>Logging:CaptureScopes</c> decides where it is set.
/// </summary>
internal sealed class LogScopes(
    IConfiguration configuration,
    IEnumerable<ILoggerProvider> providers,
    IOptionsMonitor<SimpleConsoleFormatterOptions> simple,
    IOptionsMonitor<JsonConsoleFormatterOptions> json,
    IOptionsMonitor<ConsoleFormatterOptions> systemd) : IPostConfigureOptions<LoggerFilterOptions>
{
    private bool AreShown =>
        simple.CurrentValue.IncludeScopes || json.CurrentValue.IncludeScopes || systemd.CurrentValue.IncludeScopes || providers.Any(p => !IsPlain(p));

    public void PostConfigure(string? name, LoggerFilterOptions options)
    {
        if (configuration[$"Logging:{nameof(options.CaptureScopes)}"] is null)
        {
            options.CaptureScopes = AreShown;
        }
    }

    /// <summary>Is it one of the framework's own, which show scopes only when their formatter is told to? Of others nobody knows.</summary>
    private static bool IsPlain(ILoggerProvider provider) =>
        provider.GetType().Assembly.GetName().Name is "Microsoft.Extensions.Logging.Console" or "Microsoft.Extensions.Logging.Debug" or "Microsoft.Extensions.Logging.EventSource" or "Microsoft.Extensions.Logging.EventLog";
}
