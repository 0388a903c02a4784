namespace HubService.Contracts.Agents;

/// <summary>What <c>/hubs/agent</c> calls on its clients: one method per event type, then what it asks of workers.</summary>
public interface IAgentClient : ISessionClient
{
    Task AgentStarted(AgentEvent<AgentStarted> e);

    Task AgentThinking(AgentEvent<AgentThinking> e);

    Task ToolExecuting(AgentEvent<ToolExecuting> e);

    Task ToolCompleted(AgentEvent<ToolCompleted> e);

    Task AgentCompleted(AgentEvent<AgentCompleted> e);

    Task AgentError(AgentEvent<AgentError> e);

    Task AgentStreaming(AgentEvent<AgentStreaming> e);

    Task AgentMessage(AgentEvent<AgentMessage> e);

    Task UserMessage(AgentEvent<UserMessage> e);

    Task InputRequested(AgentEvent<InputRequested> e);

    Task InputProvided(AgentEvent<InputProvided> e);

    Task ProgressUpdate(AgentEvent<ProgressUpdate> e);

    Task StatusUpdate(AgentEvent<StatusUpdate> e);

    Task SystemMessage(AgentEvent<SystemMessage> e);

    Task WarningMessage(AgentEvent<WarningMessage> e);

    Task ThreadCreated(AgentEvent<ThreadCreated> e);

    Task ThreadUpdated(AgentEvent<ThreadUpdated> e);

    Task ThreadDeleted(AgentEvent<ThreadDeleted> e);

    Task FileSelected(AgentEvent<FileSelected> e);

    Task FileProcessing(AgentEvent<FileProcessing> e);

    Task FileComplete(AgentEvent<FileComplete> e);

    Task FileError(AgentEvent<FileError> e);

    Task QuestionAnswer(AgentEvent<QuestionAnswer> e);

    Task VisualizationData(AgentEvent<VisualizationData> e);

    Task AnalysisResult(AgentEvent<AnalysisResult> e);

    Task WorkflowGenerated(AgentEvent<WorkflowGenerated> e);

    Task SopGenerated(AgentEvent<SopGenerated> e);

    Task Custom(AgentEvent<Custom> e);

    /// <summary>To a worker.</summary>
    Task RunRequested(RunRequest request);

    /// <summary>To a worker.</summary>
    Task MessageReceived(MessageRequest request);

    /// <summary>To a worker.</summary>
    Task CancelRequested(CancelRequest request);
}
