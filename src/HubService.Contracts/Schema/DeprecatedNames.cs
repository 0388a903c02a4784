using System.Collections.Frozen;

namespace HubService.Contracts.Schema;

/// <summary>Older names of agent events: some are mapped on input, some are refused with a hint. None is ever sent by the hubs.</summary>
public static class DeprecatedNames
{
    /// <summary>Deprecated name → current name.</summary>
    public static FrozenDictionary<string, string> Accepted { get; } = new Dictionary<string, string>
    {
        ["agent_finished"] = "agent_completed",
        ["subagent_completed"] = "agent_completed",
        ["agent_response"] = "agent_completed",
        ["agent_complete"] = "agent_completed",
        ["agent_progress"] = "progress_update",
        ["agent_update"] = "progress_update",
        ["tool_call"] = "tool_executing",
        ["tool_result"] = "tool_completed",
        ["stream_chunk"] = "agent_streaming",
        ["partial_result"] = "agent_streaming",
        ["thread_update"] = "thread_updated",
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>Refused name → what to do instead, for the message of <c>unknown_type</c>.</summary>
    public static FrozenDictionary<string, string> Refused { get; } = new Dictionary<string, string>
    {
        ["chat_message"] = "call SendMessage; the hub publishes it as user_message",
        ["message_sent"] = "call SendMessage; its answer says that the message was accepted",
        ["message_received"] = "the hub publishes an accepted message as user_message",
        ["response_generated"] = "publish the text as agent_message and the end of the run as agent_completed",
    }.ToFrozenDictionary(StringComparer.Ordinal);
}
