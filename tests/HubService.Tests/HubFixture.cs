namespace HubService.Tests;

/// <summary>One host for the tests of a class; each takes streams and subjects of its own.</summary>
public sealed class HubFixture : IAsyncLifetime
{
    public HubHost Host { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Host = await HubHost.StartAsync();

    public ValueTask DisposeAsync() => Host.DisposeAsync();
}
