using System.ClientModel;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.AI;
using OpenAI;
using OpenAI.Chat;
using ChatMessage = Microsoft.Extensions.AI.ChatMessage;

namespace SupportAgent.Models;

/// <summary>
/// The OpenAI package as an <see cref="IChatClient"/>: text, tool calls and usage, streamed. Stands for Microsoft.Extensions.AI.OpenAI, whose
/// <c>AsIChatClient()</c> replaces this file.
/// </summary>
internal sealed class OpenAiChatClient(ModelOptions options) : IChatClient
{
    private readonly ChatClient client = new(
        options.Name, new ApiKeyCredential(options.ApiKey), new OpenAIClientOptions { Endpoint = options.Endpoint });

    public async Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
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
        SortedDictionary<int, CallParts> calls = [];
        await foreach (StreamingChatCompletionUpdate update in client.CompleteChatStreamingAsync(
            OpenAiMessages.From(messages), OpenAiMessages.From(options), cancellationToken))
        {
            foreach (ChatMessageContentPart part in update.ContentUpdate.Where(p => !string.IsNullOrEmpty(p.Text)))
            {
                yield return new(ChatRole.Assistant, part.Text);
            }

            foreach (StreamingChatToolCallUpdate piece in update.ToolCallUpdates)
            {
                (calls.TryGetValue(piece.Index, out CallParts? call) ? call : calls[piece.Index] = new()).Add(piece);
            }

            if (update.Usage is { } usage)
            {
                UsageDetails counted = new()
                {
                    InputTokenCount = usage.InputTokenCount,
                    OutputTokenCount = usage.OutputTokenCount,
                    TotalTokenCount = usage.TotalTokenCount,
                };
                yield return new(ChatRole.Assistant, [new UsageContent(counted)]);
            }
        }

        // A call is whole only when the stream is: its arguments come in pieces.
        if (calls.Count > 0)
        {
            yield return new(ChatRole.Assistant, [.. calls.Values.Select(c => c.ToContent())]) { FinishReason = Microsoft.Extensions.AI.ChatFinishReason.ToolCalls };
        }
    }

    public object? GetService(Type serviceType, object? serviceKey = null) =>
        serviceKey is null && serviceType.IsInstanceOfType(this) ? this : null;

    public void Dispose()
    {
    }

    private sealed class CallParts
    {
        private readonly StringBuilder arguments = new();
        private string id = "", name = "";

        public void Add(StreamingChatToolCallUpdate piece)
        {
            id = string.IsNullOrEmpty(piece.ToolCallId) ? id : piece.ToolCallId;
            name = string.IsNullOrEmpty(piece.FunctionName) ? name : piece.FunctionName;
            arguments.Append(piece.FunctionArgumentsUpdate?.ToString());
        }

        public FunctionCallContent ToContent() => FunctionCallContent.CreateFromParsedArguments(
            arguments.Length == 0 ? "{}" : arguments.ToString(), id, name, static json => JsonSerializer.Deserialize<Dictionary<string, object?>>(json));
    }
}
