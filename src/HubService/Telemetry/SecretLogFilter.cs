using Microsoft.Extensions.Options;

namespace HubService.Telemetry;

/// <summary>
/// Silences the framework's log lines that print query strings, where sockets carry their <c>access_token</c>. It runs after
/// configuration, because <c>Logging:Console:LogLevel:Default</c> alone would otherwise bring them back.
/// </summary>
internal sealed class SecretLogFilter : IPostConfigureOptions<LoggerFilterOptions>
{
    private const string Requests = "Microsoft.AspNetCore.Hosting.Diagnostics";

    // Category, and the least level whose lines are free of addresses.
    private static readonly (string Category, LogLevel Level)[] Silenced =
    [
        (Requests, LogLevel.Warning),
        ("Microsoft.AspNetCore.Server.Kestrel.BadRequests", LogLevel.Warning),
        ("Microsoft.AspNetCore.HttpsPolicy", LogLevel.Warning),
        ("Microsoft.AspNetCore.Rewrite", LogLevel.Warning),
        ("Microsoft.AspNetCore.Authentication.JwtBearer", LogLevel.Warning),
        ("Microsoft.AspNetCore.HttpLogging", LogLevel.None),
        ("Microsoft.AspNetCore.W3CLogging", LogLevel.None),
        ("Microsoft.AspNetCore.Server.Kestrel.Core.Internal.LoggingConnectionMiddleware", LogLevel.None),
    ];

    public void PostConfigure(string? name, LoggerFilterOptions options)
    {
        foreach ((string category, LogLevel least) in Silenced)
        {
            // While this category writes anything, each request has an activity, whose only use without a trace is to be in a scope.
            LogLevel level = category == Requests && !options.CaptureScopes ? LogLevel.None : least;
            List<LoggerFilterRule> narrower = options.Rules.Where(r => r.CategoryName?.StartsWith(category, StringComparison.OrdinalIgnoreCase) == true).ToList();
            narrower.ForEach(r => options.Rules.Remove(r));

            // A rule for one provider beats a rule for all, however narrow: so one for each provider that has any.
            List<string?> providers = options.Rules.Select(r => r.ProviderName).Append(null).Distinct(StringComparer.Ordinal).ToList();
            providers.ForEach(p => options.Rules.Add(new LoggerFilterRule(p, category, level, null)));
        }
    }
}
