namespace HubService.Client;

/// <summary>The event types a run publishes or reads, as on the wire.</summary>
internal static class EventTypes
{
    public const string AgentStarted = "agent_started";
    public const string AgentThinking = "agent_thinking";
    public const string ToolExecuting = "tool_executing";
    public const string ToolCompleted = "tool_completed";
    public const string AgentCompleted = "agent_completed";
    public const string AgentError = "agent_error";
    public const string AgentStreaming = "agent_streaming";
    public const string AgentMessage = "agent_message";
    public const string InputRequested = "input_requested";
    public const string InputProvided = "input_provided";
    public const string ProgressUpdate = "progress_update";
}
