using System.Text.Json.Serialization;
using HubService.Contracts.Schema.Rules;

namespace HubService.Contracts.Agents;

/// <summary>One piece of a message that is still being written.</summary>
/// <param name="Delta">The text to append.</param>
/// <param name="StreamIndex">0-based and gapless within the message.</param>
public sealed record AgentStreaming([NotEmpty] string MessageId, string Delta, [NotNegative] long StreamIndex);

/// <summary>A message in full; closes the stream of its message_id.</summary>
public sealed record AgentMessage([NotEmpty] string MessageId, MessageRole Role, string Text, IReadOnlyList<FileRef>? Attachments = null);

/// <summary>An accepted SendMessage or StartAgent, published by the hub.</summary>
/// <param name="RunId">The run that was asked to answer it.</param>
public sealed record UserMessage([NotEmpty] string MessageId, string Text, IReadOnlyList<FileRef>? Attachments = null, FileRef? File = null, RunId? RunId = null);

/// <summary>A notice from the product, not from an agent.</summary>
public sealed record SystemMessage(string Text, string? Code = null);

/// <summary>A notice that asks for attention.</summary>
public sealed record WarningMessage(string Text, string? Code = null);

/// <summary>Who speaks in a message.</summary>
[JsonConverter(typeof(WireEnumConverter<MessageRole>))]
public enum MessageRole
{
    User,
    Assistant,
    System,
    Tool,
}
