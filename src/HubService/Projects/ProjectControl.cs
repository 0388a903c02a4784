using System.Text.Json;
using HubService.Access;
using HubService.Cluster;
using HubService.Contracts;
using HubService.Contracts.Projects;
using HubService.Publishing;
using HubService.Streams;
using Microsoft.AspNetCore.SignalR;

namespace HubService.Projects;

/// <summary>What a person does to a project, brought to the node that keeps it: <see cref="Conductor"/> does it there.</summary>
internal sealed class ProjectControl(
    Conductor conductor,
    ProjectWork work,
    ProjectWorkers workers,
    ProjectCommandReplies replies,
    KeeperCalls calls,
    OpenStreams streams,
    IHubContext<ProjectHub, IProjectClient> hub)
{
    /// <summary>Answers the other nodes. Called once, before the cluster starts.</summary>
    public void Listen()
    {
        calls.Answer(ProjectCalls.Confirm, c => conductor.ConfirmAsync(c.Caller, c.Project, c.Argument));
        calls.Answer(ProjectCalls.Restart, c => conductor.RestartAsync(c.Caller, c.Project, c.Argument ?? ""));
        calls.Answer(ProjectCalls.Cancel, c => conductor.CancelAsync(c.Caller, c.Project, c.Argument));
        calls.Answer(ProjectCalls.Chat, c => conductor.ChatAsync(c.Caller, c.Project, c.Argument ?? ""));
        calls.Answer(ProjectCalls.Heartbeat, c => HeartbeatHereAsync(c.Project));
        calls.Answer(ProjectCalls.Worker, c => WorkerHereAsync(c.Project));
        calls.Answer(ProjectCalls.Complete, c => Task.FromResult(Complete(c.Worker, c.CommandId, c.Result.Deserialize(ContractJson.Default.CommandResult)!)));
        workers.OnChanged(handles => _ = ResumeAsync(handles));
    }

    /// <inheritdoc cref="Conductor.ConfirmAsync"/>
    public Task<CommandResult> ConfirmAsync(Principal caller, StreamKey project, string? stageId) =>
        AtKeeperAsync(ProjectCalls.Confirm, caller, project, stageId, () => conductor.ConfirmAsync(caller, project, stageId));

    public Task<CommandResult> RestartAsync(Principal caller, StreamKey project, string stageId) =>
        AtKeeperAsync(ProjectCalls.Restart, caller, project, stageId, () => conductor.RestartAsync(caller, project, stageId));

    public Task<CommandResult> CancelAsync(Principal caller, StreamKey project, string? runId) =>
        AtKeeperAsync(ProjectCalls.Cancel, caller, project, runId, () => conductor.CancelAsync(caller, project, runId));

    public Task<Accepted> ChatAsync(Principal caller, StreamKey project, string text) =>
        AtKeeperAsync(ProjectCalls.Chat, caller, project, text, () => conductor.ChatAsync(caller, project, text));

    /// <summary>Extends the lease of work that is published over HTTP or goes on quietly.</summary>
    public Task<LeaseResult> HeartbeatAsync(Principal caller, StreamKey project) =>
        AtKeeperAsync(ProjectCalls.Heartbeat, caller, project, null, () => HeartbeatHereAsync(project));

    /// <summary>Runs a built-in command, or hands a custom one to the worker and answers with its result.</summary>
    public async Task<CommandResult> CommandAsync(Principal caller, StreamKey project, string name, JsonElement? args)
    {
        if (args is { ValueKind: not (JsonValueKind.Object or JsonValueKind.Null or JsonValueKind.Undefined) })
        {
            return new CommandResult { Error = HubError.Invalid("args", "an object is expected.") };
        }

        if ((name is "confirm" or "restart_stage" ? NoText("stage_id") : name is "cancel_run" ? NoText("run_id") : null) is { } noText)
        {
            return new CommandResult { Error = noText };
        }

        switch (name)
        {
            case "confirm":
                return await ConfirmAsync(caller, project, Argument("stage_id"));
            case "restart_stage":
                return Argument("stage_id") is { } stage
                    ? await RestartAsync(caller, project, stage)
                    : new CommandResult { Error = HubError.Invalid("args.stage_id", "is missing.") };
            case "cancel_run":
                return await CancelAsync(caller, project, Argument("run_id"));
        }

        if (!Ids.IsValid(name))
        {
            return new CommandResult { Error = HubError.Invalid("name", "1 to 128 letters, digits, dots, underscores or hyphens.") };
        }

        WorkerFound found = await AtKeeperAsync(ProjectCalls.Worker, caller, project, null, () => WorkerHereAsync(project));
        if ((found.Error is null ? found.Handle : work.WorkerFor(project)) is not { } worker)
        {
            return new CommandResult { Error = new HubError(ErrorCodes.AgentNotAvailable, "No worker serves this project.") };
        }

        return await replies.AskAsync(worker, id => hub.Clients.Client(worker).CommandReceived(
            new CommandRequest(new ProjectId(project.Id), id, name, args is { ValueKind: JsonValueKind.Object } a ? a.Deserialize(ContractJson.Default.JsonObject) : null, caller.Subject)));

        string? Argument(string field) => args is { ValueKind: JsonValueKind.Object } a ? a.Text(field) : null;

        // What is taken for missing would do the wider thing: confirm any stage, cancel any run.
        HubError? NoText(string field) =>
            args is { ValueKind: JsonValueKind.Object } a && a.TryGetProperty(field, out JsonElement value) && value.ValueKind is not (JsonValueKind.String or JsonValueKind.Null)
                ? HubError.Invalid($"args.{field}", "a text is expected.")
                : null;
    }

    /// <summary>Brings a worker's answer to the node that asked.</summary>
    public async Task<Accepted> CompleteAsync(string worker, string commandId, CommandResult result)
    {
        if (replies.AskedBy(commandId) is not { } node)
        {
            return Complete(worker, commandId, result);
        }

        var answer = new CommandAnswer(worker, commandId, JsonSerializer.SerializeToElement(result, ContractJson.Default.CommandResult));
        return await calls.AskAsync(node, ProjectCalls.Complete, answer) ?? new Accepted { Error = NoCommand() };
    }

    private Accepted Complete(string worker, string commandId, CommandResult result) =>
        replies.TryComplete(worker, commandId, result) ? new Accepted() : new Accepted { Error = NoCommand() };

    private async Task<LeaseResult> HeartbeatHereAsync(StreamKey project)
    {
        // A node that keeps the project since a moment ago finds its runs by looking at it.
        await streams.SubmitAsync(project, static _ => Decision.Look(null));
        return work.Heartbeat(project) is { } until
            ? new LeaseResult { LeaseUntil = until }
            : new LeaseResult { Error = new HubError(ErrorCodes.NotFound, "Nothing is under way in this project.") };
    }

    private Task<WorkerFound> WorkerHereAsync(StreamKey project) => Task.FromResult(new WorkerFound { Handle = work.WorkerFor(project) });

    private async Task ResumeAsync(IReadOnlyList<string> handles)
    {
        foreach (string handle in handles)
        {
            await conductor.ResumeAsync(handle);
        }
    }

    private Task<TAnswer> AtKeeperAsync<TAnswer>(NodeCall<ProjectCall, TAnswer> call, Principal caller, StreamKey project, string? argument, Func<Task<TAnswer>> here)
        where TAnswer : HubResult, new() => calls.RunAsync(project, call, () => new ProjectCall(caller, project, argument), here);

    private static HubError NoCommand() => new(ErrorCodes.NotFound, "No command of this id waits for this worker.");
}
