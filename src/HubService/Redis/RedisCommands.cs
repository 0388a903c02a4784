using HubService.Streams;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace HubService.Redis;

/// <summary>
/// Runs scripts so that every call ends in time, and says of each that failed whether it may have been applied. A call whose
/// connection broke is sent again: scripts recognise what they have done. Nothing is sent to a server that stopped answering.
/// </summary>
internal sealed class RedisCommands(RedisLink link, IOptions<RedisOptions> options, TimeProvider time)
{
    private static readonly TimeSpan Grace = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    private readonly TimeSpan _timeout = options.Value.CommandTimeout;
    private long _stalledAt;

    /// <summary>True from the first call that timed out until the server was heard again.</summary>
    public bool IsStalled => Volatile.Read(ref _stalledAt) is not 0 and var since && link.HeardAt < since;

    /// <exception cref="LogException">It was not, or possibly not, applied; the exception says which.</exception>
    public async Task<RedisResult[]> RunAsync(RedisScript script, RedisKey[] keys, RedisValue[] arguments) => (await SendAsync(script, keys, arguments)).Parts;

    /// <summary>The same, for a script whose answer itself says what of it was refused.</summary>
    /// <exception cref="LogException">It was not, or possibly not, applied; the exception says which.</exception>
    public async Task<RedisAnswer> SendAsync(RedisScript script, RedisKey[] keys, RedisValue[] arguments)
    {
        long started = time.GetTimestamp();
        bool maybeApplied = false;
        while (true)
        {
            if (IsStalled || !await ConnectedAsync(started, maybeApplied ? 2 * _timeout : Grace))
            {
                throw Failed(maybeApplied);
            }

            Task<RedisResult>? call = null;
            try
            {
                var parts = (RedisResult[])await (call = link.Database.ScriptEvaluateAsync(script.Digest, keys, arguments)).WaitAsync(_timeout, time);
                return new RedisAnswer(parts, maybeApplied);
            }
            catch (RedisServerException e) when (RedisFailure.IsUnknownScript(e))
            {
                call = null;
            }
            catch (RedisServerException e)
            {
                throw Refused(e.Message, maybeApplied, e);
            }
            catch (TimeoutException e)
            {
                Stalled(call!);
                throw script.Writes ? RedisFailure.Unknown(e) : RedisFailure.Unavailable(e);
            }
            catch (Exception e) when (e is RedisException or ObjectDisposedException or OperationCanceledException)
            {
                maybeApplied |= script.Writes && RedisFailure.IsSent(e);
                if (time.GetElapsedTime(started) > 2 * _timeout)
                {
                    throw Failed(maybeApplied, e);
                }

                await Task.Delay(Pause, time);
                continue;
            }

            await LoadAsync(script);
        }
    }

    /// <summary>What an error means that the server answered with, and that a script may have handed on: this time nothing was applied.</summary>
    /// <param name="maybeApplied">True when it had been sent before.</param>
    public LogException Refused(string error, bool maybeApplied, Exception? inner = null)
    {
        if (RedisFailure.IsNotPrimary(error))
        {
            link.Lost();
        }

        return maybeApplied ? RedisFailure.Unknown(inner) : RedisFailure.ToLogException(error, inner);
    }

    /// <summary>Of a script that serves many streams at once: what one stream's part of the answer says went wrong, else null.</summary>
    /// <inheritdoc cref="Refused" path="/param[@name='maybeApplied']"/>
    public LogException? RefusedIn(RedisResult[] part, bool maybeApplied = false) => (int)part[0] == 2 ? Refused((string)part[1], maybeApplied, new IOException((string)part[1])) : null;

    /// <summary>True when the server takes a write that needs room.</summary>
    public async Task<bool> MayWriteAsync(RedisKey key)
    {
        try
        {
            return await link.Database.StringSetAsync(key, 1, TimeSpan.FromSeconds(1)).WaitAsync(_timeout, time);
        }
        catch (Exception e) when (RedisFailure.IsTransient(e))
        {
            return false;
        }
    }

    /// <summary>Every member of a set, read in pages.</summary>
    public async Task<IReadOnlyCollection<RedisValue>> MembersAsync(RedisKey set, int page, CancellationToken cancellationToken)
    {
        var members = new HashSet<RedisValue>();
        RedisValue cursor = 0;
        do
        {
            cancellationToken.ThrowIfCancellationRequested();
            try
            {
                var scanned = (RedisResult[])await link.Database.ExecuteAsync("SSCAN", (string)set!, cursor, "COUNT", page).WaitAsync(_timeout, time, cancellationToken);
                cursor = (RedisValue)scanned[0];
                members.UnionWith((RedisValue[])scanned[1]);
            }
            catch (Exception e) when (RedisFailure.IsTransient(e))
            {
                throw RedisFailure.Unavailable(e);
            }
        }
        while (cursor != 0);
        return members;
    }

    /// <summary>A stream has one append on its way, so that loading in between changes no order.</summary>
    private async Task LoadAsync(RedisScript script)
    {
        try
        {
            await link.Database.ExecuteAsync("SCRIPT", "LOAD", script.Text).WaitAsync(_timeout, time);
        }
        catch (Exception e) when (RedisFailure.IsTransient(e))
        {
            throw RedisFailure.Unavailable(e);
        }
    }

    private async ValueTask<bool> ConnectedAsync(long started, TimeSpan within)
    {
        while (!link.IsConnected)
        {
            if (time.GetElapsedTime(started) > within)
            {
                return false;
            }

            await Task.Delay(Pause, time);
        }

        return true;
    }

    /// <summary>Its answer, when it comes after all, says that the server is back.</summary>
    private void Stalled(Task<RedisResult> call)
    {
        Volatile.Write(ref _stalledAt, time.GetTimestamp());
        _ = call.ContinueWith(
            late =>
            {
                _ = late.Exception;
                if (late.IsCompletedSuccessfully)
                {
                    Volatile.Write(ref _stalledAt, 0);
                }
            },
            CancellationToken.None,
            TaskContinuationOptions.ExecuteSynchronously,
            TaskScheduler.Default);
    }

    private static LogException Failed(bool maybeApplied, Exception? e = null) => maybeApplied ? RedisFailure.Unknown(e) : RedisFailure.Unavailable(e);
}

/// <param name="WasSentBefore">True when an earlier try, whose answer was lost, may have been applied.</param>
internal readonly record struct RedisAnswer(RedisResult[] Parts, bool WasSentBefore);
