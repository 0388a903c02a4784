using System.Text.Json;

namespace HubService.Contracts.Projects;

/// <summary>What <c>/hubs/project</c> calls on its clients.</summary>
public interface IProjectClient : ISessionClient
{
    /// <summary>Every event of a subscribed project; <c>event.name</c> says which payload record it carries.</summary>
    Task ProjectEvent(ProjectEvent<JsonElement> e);

    /// <summary>To a worker.</summary>
    Task StageRequested(StageRequest request);

    /// <summary>To a worker.</summary>
    Task CommandReceived(CommandRequest request);

    /// <summary>To a worker.</summary>
    Task CancelRequested(ProjectCancelRequest request);

    /// <summary>To a worker.</summary>
    Task ChatReceived(ChatRequest request);
}
