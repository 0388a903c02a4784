using Microsoft.Extensions.Options;

namespace HubService;

/// <summary>Keeps the framework from logging with a stack trace why the service cannot start, which <see cref="Startup"/> says in a sentence.</summary>
internal sealed class StartLog : IPostConfigureOptions<LoggerFilterOptions>
{
    private static readonly string[] Categories = ["Microsoft.Extensions.Hosting.Internal.Host", "Microsoft.AspNetCore.Server.Kestrel"];

    private volatile bool _starting;

    /// <summary>True while a failure is left to be told by whoever starts the service.</summary>
    public bool Starting
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
            List<LoggerFilterRule> rules = [.. providers.Select(p => new LoggerFilterRule(p, category, LevelOf(options, p, category), (_, _, _) => !Starting))];
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

/// <summary>Registers it as one object, so that it can be told when the start begins and ends.</summary>
internal static class StartLogServices
{
    public static IServiceCollection AddStartLog(this IServiceCollection services)
    {
        services.AddSingleton<StartLog>();
        services.AddSingleton<IPostConfigureOptions<LoggerFilterOptions>>(static s => s.GetRequiredService<StartLog>());
        return services;
    }
}
