using System.Collections.Concurrent;
using System.Text.Json;
using HubService.Client;
using HubService.Contracts;
using HubService.Contracts.Projects;

namespace TrainingPipeline;

/// <summary>Serves projects on the hub: one driver each, whose events and stages go out through the client.</summary>
public sealed class PipelineWorker(ProjectClient client, PipelineOptions options, TimeProvider time) : IProjectWorker, IAsyncDisposable
{
    private readonly Pipeline _pipeline = new(options, time);
    private readonly ConcurrentDictionary<ProjectId, Lazy<ProjectDriver>> _drivers = new();

    /// <summary>Serves the projects that match until cancelled.</summary>
    public Task RunAsync(IReadOnlyList<string> patterns, CancellationToken cancellationToken) => client.ServeAsync(patterns, this, cancellationToken);

    public async Task RunStageAsync(StageWork work, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(work);
        ProjectDriver driver = DriverOf(work.ProjectId);
        if (work.Reason != "resumed" || driver.Idle.IsCompleted)
        {
            await driver.StartAsync(work.StageId, work.Attempt, cancellationToken);
        }

        try
        {
            await driver.Idle.WaitAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            // A newer request comes, or the worker stops; a person's cancellation came through CancelAsync before.
            await driver.StopAsync();
            throw;
        }
    }

    public Task CancelAsync(ProjectCancelRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        return DriverOf(request.ProjectId).CancelAsync(request.Attempt, cancellationToken);
    }

    public async Task ChatAsync(ChatRequest chat, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(chat);
        ProjectState state = await client.GetStateAsync(chat.ProjectId, cancellationToken);
        await DriverOf(chat.ProjectId).ChatAsync(chat.Text, state.CurrentStage?.Id, cancellationToken);
    }

    public Task<object?> CommandAsync(CommandRequest command, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(command);
        CommandAnswer answer = DriverOf(command.ProjectId).Command(command.Name, command.Args);
        return answer.Error is { } error
            ? throw new HubClientException(HubError.Invalid(answer.Field, error))
            : Task.FromResult<object?>(answer.Result);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (Lazy<ProjectDriver> driver in _drivers.Values)
        {
            await driver.Value.DisposeAsync();
        }
    }

    private ProjectDriver DriverOf(ProjectId project) => _drivers.GetOrAdd(project, id => new Lazy<ProjectDriver>(() =>
    {
        var port = new HubPort(client, id);
        return new ProjectDriver(_pipeline, new PipelineContext(id.Value), port, port);
    })).Value;

    /// <summary>One project's way out to the hub.</summary>
    private sealed class HubPort(ProjectClient client, ProjectId project) : IPipelineOutput, IStageControl
    {
        public async ValueTask EmitAsync(string name, object payload, CancellationToken cancellationToken = default) =>
            await client.PublishAsync(project, name, payload as JsonElement? ?? JsonSerializer.SerializeToElement(payload, payload.GetType()), cancellationToken);

        public async Task SetStageAsync(string stageId, string status, string message, int? attempt = null, CancellationToken cancellationToken = default) =>
            await client.SetStageAsync(project, stageId, status, message, attempt, cancellationToken);

        public async Task WaitForConfirmationAsync(
            string stageId, string summary, IReadOnlyList<string> nextActions, int? attempt = null, CancellationToken cancellationToken = default) =>
            await client.WaitForConfirmationAsync(project, stageId, summary, nextActions, attempt, cancellationToken);
    }
}
