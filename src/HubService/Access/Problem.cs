using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using HubService.Contracts;

namespace HubService.Access;

/// <summary>Writes a <see cref="HubError"/> as RFC 9457 problem details.</summary>
internal static class Problem
{
    /// <param name="status">Instead of the code's own.</param>
    public static Task WriteAsync(HttpContext context, HubError error, int? status = null)
    {
        status ??= ErrorCodes.HttpStatus(error.Code);
        JsonObject body = new()
        {
            ["title"] = error.Code,
            ["status"] = status.Value,
            ["detail"] = error.Message,
            ["code"] = error.Code,
            ["retryable"] = error.Retryable,
            ["trace_id"] = error.TraceId ?? Activity.Current?.TraceId.ToString() ?? context.TraceIdentifier,
        };
        if (error.Details is { } details)
        {
            body["details"] = details.DeepClone();
            if (details["retry_after_ms"] is { } wait)
            {
                context.Response.Headers.RetryAfter = Math.Ceiling((long)wait / 1000.0).ToString(CultureInfo.InvariantCulture);
            }
        }

        context.Response.StatusCode = status.Value;
        context.Response.ContentType = "application/problem+json";
        context.Response.Headers.CacheControl = "no-store";
        return context.Response.WriteAsync(body.ToJsonString(), context.RequestAborted);
    }
}
