using HubService.Contracts;
using HubService.Streams;

namespace HubService.Tests.Publishing;

/// <summary>A log that fails when told to; otherwise the one it stands before.</summary>
internal sealed class FaultyLog(IEventLog inner) : IEventLog
{
    /// <summary>What every append fails with: a code of the log, or <c>internal</c> for a defect.</summary>
    public string? Appends { get; set; }

    /// <summary>Which events are not appended, for want of room; null for all that <see cref="Appends"/> allows.</summary>
    public Func<NewLogEvent, bool>? Refuses { get; set; }

    public string? Reads { get; set; }

    public string? Fault { get; set; }

    public string? RefusalCode { get; set; }

    /// <summary>Runs before a snapshot is loaded, which is the first thing a stream's load does.</summary>
    public Func<Task>? Loading { get; set; }

    /// <summary>Runs before a follower is registered.</summary>
    public Func<StreamKey, Task>? Registering { get; set; }

    /// <summary>Runs when events were kept and their followers told, before the hub hears of it.</summary>
    public Func<StreamKey, IReadOnlyList<NewLogEvent>, Task>? Appended { get; set; }

    /// <summary>Puts a faulty log before the one that the host uses; <paramref name="faulty"/> gets it.</summary>
    public static Action<WebApplicationBuilder> Install(Action<FaultyLog> faulty) => builder =>
    {
        ServiceDescriptor real = builder.Services.Last(d => d.ServiceType == typeof(IEventLog));
        builder.Services.AddSingleton<IEventLog>(s =>
        {
            FaultyLog log = new((IEventLog)(real.ImplementationFactory?.Invoke(s) ?? ActivatorUtilities.CreateInstance(s, real.ImplementationType!)));
            faulty(log);
            return log;
        });
    };

    public async ValueTask<AppendResult> AppendAsync(StreamKey stream, IReadOnlyList<NewLogEvent> events, LogHead? expected = null, CancellationToken cancellationToken = default)
    {
        Throw(Appends ?? (Refuses is { } refuses && events.Any(refuses) ? ErrorCodes.StoreFull : null));
        AppendResult appended = await inner.AppendAsync(stream, events, expected, cancellationToken);
        await (Appended?.Invoke(stream, events) ?? Task.CompletedTask);
        return appended;
    }

    public ValueTask<LogPage> ReadAsync(StreamKey stream, StreamPosition after, int limit, CancellationToken cancellationToken = default)
    {
        Throw(Reads);
        return inner.ReadAsync(stream, after, limit, cancellationToken);
    }

    public ValueTask<LogHead> HeadAsync(StreamKey stream, CancellationToken cancellationToken = default) => inner.HeadAsync(stream, cancellationToken);

    public async ValueTask<Following> FollowAsync(StreamKey stream, Action<LogBatch> follower, CancellationToken cancellationToken = default)
    {
        await (Registering?.Invoke(stream) ?? Task.CompletedTask);
        return await inner.FollowAsync(stream, follower, cancellationToken);
    }

    public ValueTask<long?[]> FindAsync(StreamKey stream, IReadOnlyList<string> eventIds, CancellationToken cancellationToken = default) =>
        inner.FindAsync(stream, eventIds, cancellationToken);

    public ValueTask SaveSnapshotAsync(StreamKey stream, Snapshot snapshot, CancellationToken cancellationToken = default) =>
        inner.SaveSnapshotAsync(stream, snapshot, cancellationToken);

    public async ValueTask<Snapshot?> LoadSnapshotAsync(StreamKey stream, CancellationToken cancellationToken = default)
    {
        await (Loading?.Invoke() ?? Task.CompletedTask);
        return await inner.LoadSnapshotAsync(stream, cancellationToken);
    }

    public IAsyncEnumerable<StreamKey> UnsettledAsync(CancellationToken cancellationToken = default) => inner.UnsettledAsync(cancellationToken);

    public ValueTask<int> TrimOnceAsync(CancellationToken cancellationToken = default) => inner.TrimOnceAsync(cancellationToken);

    private static void Throw(string? code)
    {
        if (code is not null)
        {
            throw code == ErrorCodes.Internal ? new InvalidOperationException("A defect.") : new LogException(code, "The log was told to fail.");
        }
    }
}
