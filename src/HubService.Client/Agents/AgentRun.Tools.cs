using System.Text.Json;
using HubService.Contracts;
using HubService.Contracts.Agents;

namespace HubService.Client;

/// <content>Tool calls.</content>
public sealed partial class AgentRun
{
    /// <summary>
    /// Runs a tool between <c>tool_executing</c> and <c>tool_completed</c>. Calls may run in parallel. A body that throws is
    /// published as <c>error</c> (as <c>abandoned</c> when it was cancelled) and the exception goes on to the caller.
    /// </summary>
    /// <param name="parameters">An object; its properties travel in snake_case.</param>
    /// <param name="body">Its token fires when the run is cancelled.</param>
    /// <param name="purpose">Why, for a person to read.</param>
    /// <returns>What the body returned; it is published too, above 60 KB only its size.</returns>
    public async Task<T> ToolAsync<T>(
        string toolName, object? parameters, Func<CancellationToken, Task<T>> body, string? purpose = null, CancellationToken cancellationToken = default)
    {
        string callId = Ids.New("call_");
        using CancellationTokenSource linked = CancellationTokenSource.CreateLinkedTokenSource(Cancelled, cancellationToken);
        await OpenToolAsync(callId, toolName, parameters, purpose);
        T result;
        try
        {
            result = await body(linked.Token);
        }
        catch (Exception e)
        {
            bool cancelled = e is OperationCanceledException && linked.IsCancellationRequested;
            await CloseFailedToolAsync(callId, cancelled ? ToolStatus.Abandoned : ToolStatus.Error, e.Message);
            throw;
        }

        await CloseToolAsync(callId, ToolStatus.Ok, result, null);
        return result;
    }

    /// <summary>As the other overload, for a tool that returns nothing.</summary>
    public Task ToolAsync(
        string toolName, object? parameters, Func<CancellationToken, Task> body, string? purpose = null, CancellationToken cancellationToken = default) =>
        ToolAsync<object?>(
            toolName,
            parameters,
            async ct =>
            {
                await body(ct);
                return null;
            },
            purpose,
            cancellationToken);

    private async Task OpenToolAsync(string callId, string toolName, object? parameters, string? purpose)
    {
        Task opened;
        lock (_gate)
        {
            opened = PublishUnsynchronized("tool_executing", Wire.Element(new ToolExecuting(callId, toolName, Wire.Object(parameters), purpose)));
            if (!_ended)
            {
                _openTools.Add(callId, new OpenTool(callId, toolName, _port.Time.GetTimestamp()));
            }
        }

        try
        {
            await opened;
        }
        catch (HubClientException e) when (e.Code != ErrorCodes.OutcomeUnknown)
        {
            // The hub did not take it, so there is nothing to close.
            lock (_gate)
            {
                _openTools.Remove(callId);
            }

            throw;
        }
    }

    private async Task CloseFailedToolAsync(string callId, ToolStatus status, string error)
    {
        try
        {
            await CloseToolAsync(callId, status, null, error);
        }
        catch (HubClientException e)
        {
            // The body's own exception is what the caller must see.
            LogNotEnded(RunId, e.Code);
        }
    }

    private async Task CloseToolAsync(string callId, ToolStatus status, object? result, string? error)
    {
        Task closed;
        OpenTool? tool;
        TimeSpan duration;
        JsonElement? inline = Inline.Value(result);
        lock (_gate)
        {
            if (!_openTools.Remove(callId, out tool))
            {
                // The run ended while the body ran, and closed the call as abandoned.
                return;
            }

            duration = Elapsed(tool);
            closed = SendUnsynchronized(tool.Completed(status, duration, inline, error));
        }

        try
        {
            await closed;
        }
        catch (HubClientException e) when (Inline.Refused(e.Error) && !Ended)
        {
            lock (_gate)
            {
                closed = SendUnsynchronized(tool.Completed(ToolStatus.Error, duration, null, e.Message));
            }

            await closed;
        }
    }
}
