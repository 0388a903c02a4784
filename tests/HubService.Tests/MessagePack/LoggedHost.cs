using HubService.Tests.Access;

namespace HubService.Tests.MessagePack;

/// <summary>A host for the tests of a class that keeps what it logs.</summary>
public sealed class LoggedHost : IAsyncLifetime
{
    private readonly LogCapture _log = new();

    public HubHost Host { get; private set; } = null!;

    public IReadOnlyList<string> Lines => [.. _log.Lines];

    public async ValueTask InitializeAsync() => Host = await HubHost.StartAsync(b => b.Services.AddSingleton<ILoggerProvider>(_log));

    public ValueTask DisposeAsync() => Host.DisposeAsync();
}
