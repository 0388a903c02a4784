using Microsoft.Extensions.AI;

namespace HubService.Client.AI;

/// <summary>Joins a run and a language model.</summary>
public static class AgentRunChat
{
    /// <summary>Shows in the run what is asked of the client; see <see cref="RunChatClient"/>.</summary>
    /// <param name="chat">As built once for the application, e.g. with <c>UseFunctionInvocation()</c>.</param>
    /// <param name="tellSteps">Says in <c>agent_thinking</c> that the model is asked, with the step's number: most models do not think aloud, and a person should see that something happens.</param>
    public static RunChatClient ReportTo(this IChatClient chat, AgentRun run, bool tellSteps = true) => new(chat, run, tellSteps);

    /// <summary>
    /// Lets the model answer and ends the run: <c>success</c> with the last message as <c>final_response</c> and the usage,
    /// <c>cancelled</c> when the run was cancelled or the token fired, <c>failed</c> after an <c>agent_error</c> when something threw:
    /// <c>model_failed</c> for what the chat client threw, <c>agent_failed</c> for the rest. The exception goes on to the caller.
    /// </summary>
    /// <param name="chat">Must invoke functions if <paramref name="options"/> hold any; what it leaves open is closed as <c>abandoned</c>.</param>
    /// <param name="messages">The conversation so far, the question last.</param>
    /// <param name="result">Gives <c>agent_completed</c> its result from the response; any JSON value.</param>
    /// <param name="tellSteps">Says in <c>agent_thinking</c> that the model is asked, with the step's number.</param>
    /// <param name="cancellationToken">Cancels the model, its tools and the run.</param>
    /// <returns>The whole response, with the messages that tool calls added.</returns>
    /// <exception cref="OperationCanceledException">The run was cancelled, or the token fired.</exception>
    public static async Task<ChatResponse> AnswerAsync(
        this AgentRun run,
        IChatClient chat,
        IEnumerable<ChatMessage> messages,
        ChatOptions? options = null,
        Func<ChatResponse, object?>? result = null,
        bool tellSteps = true,
        CancellationToken cancellationToken = default)
    {
        ChatFailure failure = new(chat);
        RunChatClient reporting = failure.ReportTo(run, tellSteps);
        try
        {
            ChatResponse response = await reporting.GetStreamingResponseAsync(messages, options, cancellationToken).ToChatResponseAsync(cancellationToken);
            string? answer = response.Messages.LastOrDefault(m => m.Role == ChatRole.Assistant && m.Text.Length > 0)?.Text;
            await run.CompleteAsync(result?.Invoke(response), answer, Counted(reporting.Usage));
            return response;
        }
        catch (OperationCanceledException) when (!run.Ended && (run.Cancelled.IsCancellationRequested || cancellationToken.IsCancellationRequested))
        {
            await run.EndCancelledAsync();
            throw;
        }
        catch (Exception e) when (!run.Ended)
        {
            try
            {
                await run.ErrorAsync(failure.IsOfModel(e) ? ClientErrorCodes.ModelFailed : ClientErrorCodes.AgentFailed, e.Message, recoverable: false);
            }
            finally
            {
                await run.FailAsync(e.Message);
            }

            throw;
        }
    }

    /// <summary>Null when the model counted nothing.</summary>
    private static object? Counted(UsageDetails usage) => (usage.InputTokenCount ?? usage.OutputTokenCount ?? usage.TotalTokenCount) is null
        ? null
        : new
        {
            InputTokens = usage.InputTokenCount,
            OutputTokens = usage.OutputTokenCount,
            TotalTokens = usage.TotalTokenCount ?? usage.InputTokenCount + usage.OutputTokenCount,
            CachedInputTokens = usage.CachedInputTokenCount,
            ReasoningTokens = usage.ReasoningTokenCount,
        };
}
