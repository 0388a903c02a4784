using Microsoft.Extensions.Options;

namespace HubService;

/// <summary>Keeps the framework from logging with a stack trace why the service cannot start, which <see cref="Startup"/> says in a sentence.</summary>
internal sealed class StartLogFilter : IPostConfigureOptions<LoggerFilterOptions>
{
    private static readonly string[] Categories = ["Microsoft.Extensions.Hosting.Internal.Host", "Microsoft.AspNetCore.Server.Kestrel"];

    private volatile bool _starting;

    /// <summary>True while a failure is left to be told by whoever starts the service.</summary>
    public bool IsStarting
    {
        get => _starting;
        set => _starting = value;
    }

    public void PostConfigure(string? name, LoggerFilterOptions options)
    {
        List<string?> providers = [.. options.Rules.Select(static r => r.ProviderName).Append(null).Distinct(StringComparer.Ordinal)];
        foreach (string category in Categories)
        {
            // The level stays what the settings say.
            List<LoggerFilterRule> rules = [.. providers.Select(p => new LoggerFilterRule(p, category, LevelOf(options, p, category), (_, _, _) => !IsStarting))];
            foreach (LoggerFilterRule rule in rules)
            {
                options.Rules.Add(rule);
            }
        }
    }

    private static LogLevel? LevelOf(LoggerFilterOptions options, string? provider, string category) => options.Rules
        .Where(r => (r.ProviderName is null || r.ProviderName == provider) && (r.CategoryName is null || category.StartsWith(r.CategoryName, StringComparison.OrdinalIgnoreCase)))
        .OrderBy(r => r.ProviderName is null ? 0 : 1)
        .ThenBy(r => r.CategoryName?.Length ?? 0)
        .LastOrDefault()?.LogLevel;
}
