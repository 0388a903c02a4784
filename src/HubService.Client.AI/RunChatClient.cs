using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;

namespace HubService.Client.AI;

/// <summary>
/// A chat client whose work shows in a run while it is done: what the model thinks as <c>agent_thinking</c>, what it says as
/// <c>agent_streaming</c> and <c>agent_message</c>, each tool call as <c>tool_executing</c> and <c>tool_completed</c> with its
/// duration. It publishes <c>agent_started</c> if nothing has yet, and never ends the run; <see cref="AgentRunChat.AnswerAsync"/> does.
/// Put it around the client that invokes functions: tools are then timed where they run. Where the caller invokes them itself, a
/// call is open from the end of a response until its result is in the next request. One request at a time; it does not dispose
/// of the inner client, which is shared by many runs.
/// </summary>
public sealed class RunChatClient : IChatClient
{
    /// <summary>The steps as a user reads them, in <c>agent_thinking</c>.</summary>
    private const string AskStep = "I ask the model.", ResultsStep = "I give the results to the model.";

    private readonly IChatClient _inner;
    private readonly AgentRun _run;
    private readonly bool _tellSteps;
    private readonly ObservedCalls _calls;
    private int _step;

    /// <param name="inner">Asks the model, and may invoke functions.</param>
    /// <param name="run">Where the work shows.</param>
    /// <param name="tellSteps">Says in <c>agent_thinking</c> that the model is asked, with the step's number: most models do not think aloud, and a person should see that something happens.</param>
    public RunChatClient(IChatClient inner, AgentRun run, bool tellSteps = true)
    {
        (_inner, _run, _tellSteps) = (inner, run, tellSteps);
        _calls = new ObservedCalls(run);
    }

    /// <summary>What all requests of this client took together, as far as the model counted.</summary>
    public UsageDetails Usage { get; } = new();

    /// <summary>As the inner client, with each message of the answer published whole.</summary>
    /// <exception cref="HubClientException">An event of the run could not be published.</exception>
    /// <exception cref="OperationCanceledException">The run was cancelled, or the token fired.</exception>
    /// <exception cref="InvalidOperationException">The run has ended.</exception>
    public async Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        using CancellationTokenSource linked = CancellationTokenSource.CreateLinkedTokenSource(_run.Cancelled, cancellationToken);
        IList<ChatMessage> conversation = messages as IList<ChatMessage> ?? [.. messages];
        options = await BeginAsync(conversation, options);
        ChatResponse response = await _inner.GetResponseAsync(conversation, options, linked.Token);
        if (response.Usage is { } usage)
        {
            Usage.Add(usage);
        }

        foreach (ChatMessage message in response.Messages)
        {
            string thought = string.Concat(message.Contents.OfType<TextReasoningContent>().Select(c => c.Text));
            await ThinkAsync(thought);
            if (message.Role == ChatRole.Assistant && message.Text.Length > 0)
            {
                await _run.MessageAsync(message.Text);
            }

            await ObserveAsync(message.Contents);
        }

        _calls.OpenUninvoked();
        return response;
    }

    /// <summary>As the inner client, with its text published while it comes.</summary>
    /// <exception cref="HubClientException">An event of the run could not be published.</exception>
    /// <exception cref="OperationCanceledException">The run was cancelled, or the token fired.</exception>
    /// <exception cref="InvalidOperationException">The run has ended.</exception>
    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        using CancellationTokenSource linked = CancellationTokenSource.CreateLinkedTokenSource(_run.Cancelled, cancellationToken);
        IList<ChatMessage> conversation = messages as IList<ChatMessage> ?? [.. messages];
        options = await BeginAsync(conversation, options);
        await using StreamedAnswer answer = new(_run);
        await foreach (ChatResponseUpdate update in _inner.GetStreamingResponseAsync(conversation, options, linked.Token))
        {
            foreach (AIContent content in update.Contents)
            {
                switch (content)
                {
                    case TextReasoningContent { Text.Length: > 0 } thought:
                        await answer.ThinkAsync(thought.Text);
                        break;
                    case TextContent { Text.Length: > 0 } text when update.Role is null || update.Role == ChatRole.Assistant:
                        await answer.SayAsync(text.Text, update.MessageId);
                        break;
                    case UsageContent used:
                        Usage.Add(used.Details);
                        break;
                    case FunctionCallContent or FunctionResultContent:
                        await answer.EndAsync();
                        break;
                }
            }

            await ObserveAsync(update.Contents);
            yield return update;
        }

        await answer.EndAsync();
        _calls.OpenUninvoked();
    }

    /// <summary>This client, or what the inner one gives.</summary>
    public object? GetService(Type serviceType, object? serviceKey = null) =>
        serviceKey is null && serviceType.IsInstanceOfType(this) ? this : _inner.GetService(serviceType, serviceKey);

    /// <summary>The inner client lives on: other runs use it.</summary>
    public void Dispose()
    {
    }

    private async Task<ChatOptions?> BeginAsync(IList<ChatMessage> conversation, ChatOptions? options)
    {
        await _calls.ResultsAsync(conversation);
        await StepAsync(AskStep);
        if (options?.Tools is not { Count: > 0 } tools)
        {
            return options;
        }

        ChatOptions reported = options.Clone();
        reported.Tools = [.. tools.Select(t => t is AIFunction f && f.GetService<ReportedFunction>() is null ? new ReportedFunction(f, _run) : t)];
        _calls.ExpectInvoked(reported.Tools.OfType<AIFunction>().Select(f => f.Name));
        return reported;
    }

    private async Task ObserveAsync(IEnumerable<AIContent> contents)
    {
        int results = 0;
        foreach (AIContent content in contents)
        {
            switch (content)
            {
                case FunctionCallContent call:
                    _calls.Called(call);
                    break;
                case FunctionResultContent result:
                    results++;
                    await _calls.CompletedAsync(result);
                    break;
            }
        }

        if (results > 0)
        {
            await StepAsync(ResultsStep);
        }
    }

    private Task StepAsync(string thought) => _tellSteps ? _run.ThinkAsync(thought, ++_step) : Task.CompletedTask;

    private Task ThinkAsync(string thought) => thought.Length > 0 ? StreamedAnswer.PublishAsync(_run, thought) : Task.CompletedTask;
}
