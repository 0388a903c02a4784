using System.Collections.Concurrent;
using System.Diagnostics;
using System.Linq.Expressions;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.Json;
using HubService.Access;
using HubService.Contracts;
using HubService.Streams;
using HubService.Telemetry;
using Microsoft.AspNetCore.SignalR;

namespace HubService.Delivery;

/// <summary>
/// The outermost hub filter: whatever goes wrong in a hub method is answered as the method's own result with an error, so
/// that every client reads errors in one place. Adds the trace id.
/// </summary>
internal sealed partial class AnswerHubFilter(HubMetrics metrics, ILogger<AnswerHubFilter> logger) : IHubFilter
{
    private static readonly ConcurrentDictionary<MethodInfo, Func<HubError, object>?> Factories = new();

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<object?> InvokeMethodAsync(HubInvocationContext invocationContext, Func<HubInvocationContext, ValueTask<object?>> next)
    {
        try
        {
            object? result = await next(invocationContext);
            switch (result)
            {
                case PublishResults { Error: null } published when published.Results.Any(r => r.Error is not null):
                    return published with { Results = [.. published.Results.Select(r => r.Error is { } e ? r with { Error = Traced(invocationContext, e) } : r)] };
                case HubResult { Error: { TraceId: null } error }:
                    if (result is not PublishResults)
                    {
                        // The publisher has counted its own.
                        metrics.Refused(error.Code);
                    }

                    return Answer(invocationContext, Traced(invocationContext, error)) ?? result;
                default:
                    return result;
            }
        }
        catch (HubRefusal e)
        {
            return Refuse(invocationContext, e.Error);
        }
        catch (LogException e)
        {
            return Refuse(invocationContext, new HubError(e.Code, e.Message));
        }
        catch (OperationCanceledException) when (invocationContext.Context.ConnectionAborted.IsCancellationRequested)
        {
            throw;
        }
        catch (Exception e) when (e is not HubException)
        {
            LogDefect(logger, e, invocationContext.HubMethodName);
            return Refuse(invocationContext, new HubError(ErrorCodes.Internal, "The hub failed; the trace id finds why."));
        }
    }

    private object? Refuse(HubInvocationContext context, HubError error)
    {
        metrics.Refused(error.Code);
        error = Traced(context, error);
        return Answer(context, error) ?? throw new HubException(JsonSerializer.Serialize(error, ContractJson.Default.HubError));
    }

    /// <summary>The method's result type with the error in it; null for a method that answers with a stream.</summary>
    private static object? Answer(HubInvocationContext context, HubError error) =>
        Factories.GetOrAdd(context.HubMethod, static method => FactoryOf(method.ReturnType))?.Invoke(error);

    private static Func<HubError, object>? FactoryOf(Type returned)
    {
        if (!returned.IsGenericType || returned.GetGenericTypeDefinition() != typeof(Task<>) || !returned.GenericTypeArguments[0].IsAssignableTo(typeof(HubResult)))
        {
            return null;
        }

        Type type = returned.GenericTypeArguments[0];
        ParameterExpression error = Expression.Parameter(typeof(HubError));
        return Expression.Lambda<Func<HubError, object>>(
            Expression.MemberInit(Expression.New(type), Expression.Bind(typeof(HubResult).GetProperty(nameof(HubResult.Error))!, error)),
            error).Compile();
    }

    /// <summary>Where nobody traces, the connection's id finds it in the log.</summary>
    private static HubError Traced(HubInvocationContext context, HubError error) =>
        error with { TraceId = error.TraceId ?? Activity.Current?.TraceId.ToString() ?? context.Context.ConnectionId };

    [LoggerMessage(Level = LogLevel.Error, Message = "A defect in hub method {Method}")]
    private static partial void LogDefect(ILogger logger, Exception exception, string method);
}
