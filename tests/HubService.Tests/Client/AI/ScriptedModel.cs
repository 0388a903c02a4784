using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;

namespace HubService.Tests.Client.AI;

/// <summary>A model that says what the test wrote, one answer per request, piece by piece when streamed.</summary>
internal sealed class ScriptedModel(params AIContent[][] answers) : IChatClient
{
    private readonly Queue<AIContent[]> _answers = new(answers);

    /// <summary>What it was asked: the conversation and the options of each request.</summary>
    public List<(IReadOnlyList<ChatMessage> Messages, ChatOptions? Options)> Requests { get; } = [];

    /// <summary>Runs before each piece.</summary>
    public Func<AIContent, CancellationToken, Task> Before { get; set; } = (_, _) => Task.CompletedTask;

    public bool Disposed { get; private set; }

    public static AIContent Say(string text) => new TextContent(text);

    public static AIContent Think(string text) => new TextReasoningContent(text);

    public static AIContent Call(string id, string name, object? argument = null) =>
        new FunctionCallContent(id, name, argument is null ? null : new Dictionary<string, object?> { ["text"] = argument });

    public static AIContent Used(int input, int output) =>
        new UsageContent(new UsageDetails { InputTokenCount = input, OutputTokenCount = output, TotalTokenCount = input + output });

    public async Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        List<ChatResponseUpdate> updates = [];
        await foreach (ChatResponseUpdate update in GetStreamingResponseAsync(messages, options, cancellationToken))
        {
            updates.Add(update);
        }

        return updates.ToChatResponse();
    }

    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        Requests.Add(([.. messages], options));
        string id = $"answer_{Requests.Count}";
        foreach (AIContent content in _answers.Dequeue())
        {
            cancellationToken.ThrowIfCancellationRequested();
            await Before(content, cancellationToken);
            yield return new ChatResponseUpdate(ChatRole.Assistant, [content]) { MessageId = id, ResponseId = id };
        }
    }

    public object? GetService(Type serviceType, object? serviceKey = null) => null;

    public void Dispose() => Disposed = true;
}
