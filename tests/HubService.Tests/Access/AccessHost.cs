using System.Collections.Concurrent;
using System.Text;
using HubService.Access;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http.Features;

namespace HubService.Tests.Access;

/// <summary>Access alone on a real port, with an endpoint that says who came in.</summary>
internal sealed class AccessHost : IAsyncDisposable
{
    private readonly WebApplication _app;

    private AccessHost(WebApplication app)
    {
        _app = app;
        Address = new Uri(app.Urls.First());
        Client = new HttpClient { BaseAddress = Address };
    }

    public Uri Address { get; }

    public HttpClient Client { get; }

    public IServiceProvider Services => _app.Services;

    public LogCapture Logs => _app.Services.GetRequiredService<LogCapture>();

    /// <summary>The configuration as <c>dotnet user-jwts create</c> leaves it, in appsettings and in user secrets.</summary>
    public static string UserJwtsConfiguration => $$"""
        {
          "Authentication": { "Schemes": { "Bearer": {
            "ValidAudiences": [ "{{TestToken.Audience}}" ],
            "ValidIssuer": "{{TestToken.Issuer}}"
          } } },
          "Authentication:Schemes:Bearer:SigningKeys": [
            { "Id": "{{TestToken.KeyId}}", "Issuer": "{{TestToken.Issuer}}", "Value": "{{Convert.ToBase64String(TestToken.Key)}}", "Length": 32 }
          ]
        }
        """;

    public static async Task<AccessHost> StartAsync(string environment = "Production", string? json = null, params (string Name, string? Value)[] settings)
    {
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { EnvironmentName = environment });
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        builder.Configuration.AddJsonStream(new MemoryStream(Encoding.UTF8.GetBytes(json ?? UserJwtsConfiguration)));
        builder.Configuration.AddInMemoryCollection(settings.Select(s => KeyValuePair.Create(s.Name, s.Value)));
        builder.Services.AddRouting();
        builder.Services.AddSingleton<LogCapture>();
        builder.Services.AddSingleton<ILoggerProvider>(s => s.GetRequiredService<LogCapture>());
        builder.Logging.SetMinimumLevel(LogLevel.Trace);
        builder.Services.AddSingleton<IStreamFacts, NoFacts>();
        builder.Services.AddAccess();

        WebApplication app = builder.Build();
        app.UseRouting();
        app.UseOrigins();
        app.UseHubEntrance();
        app.AnswerOrigins();
        app.UseAuthentication();
        app.UseAuthorization();
        foreach (string path in (string[])["/api/who", "/hubs/agent", "/api/v1/threads/a/stream", "/api/v1/threads"])
        {
            app.MapMethods(path, ["GET", "POST"], WhoAsync).RequireAuthorization(AccessServices.TokenPolicy);
        }

        app.MapGet("/hubs/short", SeeAsync).WithMetadata(TokenAlone.Instance).RequireAuthorization(AccessServices.TokenPolicy);
        app.MapGet("/api/admin", () => "in").RequireAuthorization(AccessServices.AdminPolicy);
        app.MapGet("/open", () => "open");
        app.MapDevelopmentTokens();
        await app.StartAsync();
        return new AccessHost(app);
    }

    public async Task<HttpResponseMessage> GetAsync(string path, string? token = null, params (string Name, string Value)[] headers)
    {
        using HttpRequestMessage request = new(HttpMethod.Get, path);
        foreach ((string name, string value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        if (token is not null)
        {
            request.Headers.TryAddWithoutValidation("Authorization", $"Bearer {token}");
        }

        return await Client.SendAsync(request);
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.DisposeAsync();
    }

    private static Task WhoAsync(HttpContext context)
    {
        PrincipalResult read = context.RequestServices.GetRequiredService<PrincipalReader>().Read(context.User);
        AuthenticateResult? result = context.Features.Get<IAuthenticateResultFeature>()?.AuthenticateResult;
        return context.Response.WriteAsJsonAsync(new Who(read.Principal!, result?.Properties?.ExpiresUtc));
    }

    private static Task SeeAsync(HttpContext context)
    {
        PrincipalResult read = context.RequestServices.GetRequiredService<PrincipalReader>().Read(context.User);
        IHttpRequestFeature request = context.Features.GetRequiredFeature<IHttpRequestFeature>();
        string kept = $"{request.RawTarget} {request.QueryString} {string.Join(' ', request.Headers.Select(h => h.Value))}";
        return context.Response.WriteAsJsonAsync(new Seen(read.Principal!.Subject, kept, context.Request.Query["id"].ToString(), context.Features.Get<IAuthenticateResultFeature>() is null));
    }

    /// <param name="Kept">All of the request that may hold a token.</param>
    /// <param name="IsShort">The common way of authentication was not taken.</param>
    public sealed record Seen(string Subject, string Kept, string Id, bool IsShort);

    /// <param name="ClosesAt">What SignalR's CloseOnAuthenticationExpiration reads.</param>
    public sealed record Who(Principal Principal, DateTimeOffset? ClosesAt);

    private sealed class NoFacts : IStreamFacts
    {
        public ValueTask<StreamFacts> OfAsync(string tenant, HubService.Contracts.StreamId stream, CancellationToken cancellationToken = default) =>
            ValueTask.FromResult(StreamFacts.Missing);
    }
}

/// <summary>Keeps every line that a host logs.</summary>
internal sealed class LogCapture : ILoggerProvider
{
    public ConcurrentQueue<string> Lines { get; } = new();

    public ILogger CreateLogger(string categoryName) => new Capture(categoryName, Lines);

    public void Dispose()
    {
    }

    private sealed class Capture(string category, ConcurrentQueue<string> lines) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull
        {
            lines.Enqueue($"{category} scope {state}");
            return null;
        }

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            string values = state is IEnumerable<KeyValuePair<string, object?>> pairs ? string.Join(' ', pairs.Select(p => $"{p.Key}={p.Value}")) : "";
            lines.Enqueue($"{logLevel} {category} {formatter(state, exception)} {values} {exception}");
        }
    }
}
