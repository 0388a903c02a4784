using HubService.Telemetry;
using HubService.Tests.Access;
using Microsoft.Extensions.Logging.Console;
using Microsoft.Extensions.Options;

namespace HubService.Tests.Telemetry;

public class LogScopesTests
{
    private const string Requests = "Microsoft.AspNetCore.Hosting.Diagnostics";

    [Theory]
    [InlineData(null, null, false)]
    [InlineData("Logging:CaptureScopes", "true", true)]
    [InlineData("Logging:Console:FormatterOptions:IncludeScopes", "true", true)]
    [InlineData("Logging:Console:FormatterOptions:IncludeScopes", "false", false)]
    public void Scopes_are_captured_where_a_log_shows_them(string? setting, string? value, bool captured)
    {
        using ServiceProvider services = Services(setting, value, _ => { });

        LoggerFilterOptions options = services.GetRequiredService<IOptions<LoggerFilterOptions>>().Value;

        Assert.Equal(captured, options.CaptureScopes);
        Assert.Equal(captured ? LogLevel.Warning : LogLevel.None, options.Rules.Last(r => r.CategoryName == Requests && r.ProviderName is null).LogLevel);
    }

    [Fact]
    public void Scopes_are_captured_for_a_log_that_is_not_the_frameworks_own()
    {
        using ServiceProvider services = Services(null, null, static logging => logging.AddProvider(new LogCapture()));

        Assert.True(services.GetRequiredService<IOptions<LoggerFilterOptions>>().Value.CaptureScopes);
    }

    [Fact]
    public void Scopes_are_captured_where_code_asks_for_them()
    {
        using ServiceProvider services = Services(null, null, static logging => logging.AddJsonConsole(static o => o.IncludeScopes = true));

        Assert.True(services.GetRequiredService<IOptions<LoggerFilterOptions>>().Value.CaptureScopes);
    }

    /// <summary>A host's own logging, which reads its formatter's name, and so its formatter's options, from the configuration.</summary>
    private static ServiceProvider Services(string? setting, string? value, Action<ILoggingBuilder> configure)
    {
        WebApplicationBuilder builder = WebApplication.CreateBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.Configuration["Logging:Console:FormatterName"] = ConsoleFormatterNames.Simple;
        if (setting is not null)
        {
            builder.Configuration[setting] = value;
        }

        builder.Services.AddTelemetry();
        configure(builder.Logging);
        return builder.Services.BuildServiceProvider();
    }
}
