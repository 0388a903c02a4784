using System.Text.Json;
using Microsoft.Extensions.AI;
using OpenAI.Chat;
using ChatMessage = Microsoft.Extensions.AI.ChatMessage;
using OpenAiMessage = OpenAI.Chat.ChatMessage;

namespace SupportAgent.Models;

/// <summary>Says the same in the words of the OpenAI package.</summary>
internal static class OpenAiMessages
{
    public static IEnumerable<OpenAiMessage> From(IEnumerable<ChatMessage> messages) => messages.SelectMany(From);

    public static ChatCompletionOptions From(ChatOptions? options)
    {
        ChatCompletionOptions result = new() { Temperature = options?.Temperature };
        foreach (AIFunctionDeclaration tool in options?.Tools?.OfType<AIFunctionDeclaration>() ?? [])
        {
            result.Tools.Add(ChatTool.CreateFunctionTool(tool.Name, tool.Description, BinaryData.FromString(tool.JsonSchema.GetRawText())));
        }

        return result;
    }

    private static IEnumerable<OpenAiMessage> From(ChatMessage message)
    {
        if (message.Role == ChatRole.Tool)
        {
            return message.Contents.OfType<FunctionResultContent>().Select(r => new ToolChatMessage(r.CallId, JsonSerializer.Serialize(r.Result)));
        }

        if (message.Role == ChatRole.Assistant)
        {
            return [Assistant(message)];
        }

        return [message.Role == ChatRole.System ? new SystemChatMessage(message.Text) : new UserChatMessage(message.Text)];
    }

    private static AssistantChatMessage Assistant(ChatMessage message)
    {
        ChatToolCall[] calls =
        [
            .. message.Contents.OfType<FunctionCallContent>().Select(c =>
                ChatToolCall.CreateFunctionToolCall(c.CallId, c.Name, BinaryData.FromObjectAsJson(c.Arguments ?? new Dictionary<string, object?>()))),
        ];
        if (calls.Length == 0)
        {
            return new(message.Text);
        }

        AssistantChatMessage result = new(calls);
        if (message.Text.Length > 0)
        {
            result.Content.Add(ChatMessageContentPart.CreateTextPart(message.Text));
        }

        return result;
    }
}
