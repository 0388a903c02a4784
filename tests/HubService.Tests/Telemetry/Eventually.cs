namespace HubService.Tests.Telemetry;

/// <summary>Waits for a condition, and fails when it does not come.</summary>
internal static class Eventually
{
    public static async Task True(Func<bool> condition)
    {
        using CancellationTokenSource deadline = new(TimeSpan.FromSeconds(20), TimeProvider.System);
        while (!condition())
        {
            Assert.False(deadline.IsCancellationRequested, "The condition did not become true within 20 s.");
            await Task.Yield();
        }
    }
}
