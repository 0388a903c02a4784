using System.Text.Json.Serialization;

namespace HubService.Contracts.Agents;

/// <summary>One piece of a message that is still being written.</summary>
/// <param name="Delta">The text to append.</param>
/// <param name="StreamIndex">0-based and gapless within the message.</param>
public sealed record AgentStreaming(string MessageId, string Delta, long StreamIndex) : IPayloadRule
{
    public (string Field, string Rule)? Violation() => Must.NotBeEmpty("message_id", MessageId) ?? Must.NotBeNegative("stream_index", StreamIndex);
}

/// <summary>A message in full; closes the stream of its message_id.</summary>
public sealed record AgentMessage(string MessageId, MessageRole Role, string Text, IReadOnlyList<FileRef>? Attachments = null) : IPayloadRule
{
    public (string Field, string Rule)? Violation() => Must.NotBeEmpty("message_id", MessageId);
}

/// <summary>An accepted SendMessage, published by the hub.</summary>
public sealed record UserMessage(string MessageId, string Text, IReadOnlyList<FileRef>? Attachments = null, FileRef? File = null) : IPayloadRule
{
    public (string Field, string Rule)? Violation() => Must.NotBeEmpty("message_id", MessageId);
}

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
