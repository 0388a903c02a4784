using System.Diagnostics;
using HubService.Access;
using HubService.Contracts;
using HubService.Streams;
using HubService.Telemetry;

namespace HubService.Delivery;

/// <summary>What a caller is told when something goes wrong in a hub method: an error with a code and the trace that finds why.</summary>
internal sealed partial class HubErrors(HubMetrics metrics, ILogger<HubErrors> logger)
{
    /// <summary>The error of a method that threw. What nobody foresaw is logged.</summary>
    public HubError Of(Exception e, string method, string connectionId)
    {
        HubError error = e switch
        {
            HubRefusal refusal => refusal.Error,
            LogException log => new HubError(log.Code, log.Message),
            _ => new HubError(ErrorCodes.Internal, "The hub failed; the trace id finds why."),
        };
        if (error.Code == ErrorCodes.Internal)
        {
            LogDefect(logger, e, method);
        }

        metrics.Refused(error.Code);
        return Traced(error, connectionId);
    }

    /// <summary>The answer of a publish, whose refusals the publisher has counted.</summary>
    public static PublishResults Traced(PublishResults published, string connectionId) =>
        published.Error is { TraceId: null } whole ? published with { Error = Traced(whole, connectionId) }
        : published.Error is null && HasError(published.Results) ? published with { Results = [.. published.Results.Select(r => r.Error is { } e ? r with { Error = Traced(e, connectionId) } : r)] }
        : published;

    /// <summary>Where nobody traces, the connection's id finds it in the log.</summary>
    public static HubError Traced(HubError error, string connectionId) =>
        error with { TraceId = error.TraceId ?? Activity.Current?.TraceId.ToString() ?? connectionId };

    private static bool HasError(IReadOnlyList<PublishResult> results)
    {
        for (int i = 0; i < results.Count; i++)
        {
            if (results[i].Error is not null)
            {
                return true;
            }
        }

        return false;
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "A defect in hub method {Method}")]
    private static partial void LogDefect(ILogger logger, Exception exception, string method);
}
