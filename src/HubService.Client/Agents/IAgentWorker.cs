namespace HubService.Client;

/// <summary>What an agent does for the hub; implemented by the application.</summary>
public interface IAgentWorker
{
    /// <summary>
    /// Answers one request in <see cref="AgentWork.Run"/>. The run ends as <c>success</c> when this returns without ending it, as
    /// <c>failed</c> with an <c>agent_error</c> when it throws, as <c>cancelled</c> when it was cancelled.
    /// </summary>
    /// <param name="cancellationToken">Fires when the run is cancelled and when the worker stops.</param>
    Task RunAsync(AgentWork work, CancellationToken cancellationToken);
}
