using System.Diagnostics;

namespace HubService.Cluster.Tests.Rig;

/// <summary>Waits for what other processes bring about, and says how long it took.</summary>
internal static class Waiting
{
    /// <returns>Null when it did not come about in time.</returns>
    public static Task<TimeSpan?> UpToAsync(TimeSpan limit, Func<bool> condition) => UpToAsync(limit, () => Task.FromResult(condition()));

    /// <inheritdoc cref="UpToAsync(TimeSpan, Func{bool})"/>
    public static async Task<TimeSpan?> UpToAsync(TimeSpan limit, Func<Task<bool>> condition)
    {
        long start = Stopwatch.GetTimestamp();
        while (!await condition())
        {
            if (Stopwatch.GetElapsedTime(start) > limit)
            {
                return null;
            }

            await PauseAsync(TimeSpan.FromMilliseconds(5));
        }

        return Stopwatch.GetElapsedTime(start);
    }

    public static async Task<TimeSpan> UntilAsync(string what, TimeSpan limit, Func<bool> condition) =>
        await UntilAsync(what, limit, () => Task.FromResult(condition()));

    public static async Task<TimeSpan> UntilAsync(string what, TimeSpan limit, Func<Task<bool>> condition) =>
        await UpToAsync(limit, condition) ?? throw new TimeoutException($"Not within {limit.TotalSeconds:0.#} s: {what}");

    /// <summary>How long a fault lasts, or a load; never a wait for a result.</summary>
    public static Task PauseAsync(TimeSpan time, CancellationToken cancellationToken = default) => Task.Delay(time, TimeProvider.System, cancellationToken);
}
