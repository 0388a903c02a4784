namespace HubService.Tests.Client;

/// <summary>Waits for a condition that another process or connection brings about.</summary>
internal static class Wait
{
    public static async Task Until(Func<bool> condition)
    {
        using CancellationTokenSource hopeless = new(TimeSpan.FromSeconds(30));
        while (!condition())
        {
            hopeless.Token.ThrowIfCancellationRequested();
            await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System, hopeless.Token);
        }
    }
}
