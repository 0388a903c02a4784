using System.Collections.Concurrent;
using System.Linq.Expressions;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.Json;
using HubService.Contracts;
using HubService.Telemetry;
using Microsoft.AspNetCore.SignalR;

namespace HubService.Delivery;

/// <summary>
/// The outermost hub filter: whatever goes wrong in a hub method is answered as the method's own result with an error, so
/// that every client reads errors in one place. Adds the trace id.
/// </summary>
internal sealed class AnswerHubFilter(HubMetrics metrics, HubErrors errors) : IHubFilter
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
                case PublishResults published:
                    return HubErrors.Traced(published, invocationContext.Context.ConnectionId);
                case HubResult { Error: { TraceId: null } error }:
                    metrics.Refused(error.Code);
                    return Answer(invocationContext, HubErrors.Traced(error, invocationContext.Context.ConnectionId)) ?? result;
                default:
                    return result;
            }
        }
        catch (OperationCanceledException) when (invocationContext.Context.ConnectionAborted.IsCancellationRequested)
        {
            throw;
        }
        catch (Exception e) when (e is not HubException)
        {
            HubError error = errors.Of(e, invocationContext.HubMethodName, invocationContext.Context.ConnectionId);
            return Answer(invocationContext, error) ?? throw new HubException(JsonSerializer.Serialize(error, ContractJson.Default.HubError), e);
        }
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
}
