using HubService.Access;
using HubService.Contracts;
using HubService.Contracts.Projects;
using HubService.Streams;
using HubService.Validation;

namespace HubService.Projects;

/// <summary>Projects over HTTP: state, confirmation, commands.</summary>
internal static class ProjectEndpoints
{
    /// <summary>Maps <c>/api/projects</c>, where the existing clients look, and the commands of <c>/api/v1/projects</c>.</summary>
    public static RouteGroupBuilder MapProjects(this RouteGroupBuilder api)
    {
        RouteGroupBuilder group = api.MapGroup("").WithTags("projects");
        group.MapGet("/projects/{id}/state", async (string id, Caller caller, Authorizer authorizer, Conductor conductor) =>
                await CheckAsync(authorizer, caller, Operation.Read, id) is { } error ? Answer.Problem(error) : Answer.Of(await conductor.StateAsync(KeyOf(caller, id))))
            .WithName("get_project_state").Produces<ProjectState>();
        group.MapPost("/projects/{id}/confirm", async (string id, HttpContext context, Caller caller, Authorizer authorizer, ProjectControl control) =>
            {
                string? stage = null;
                if (context.Request.ContentLength is > 0)
                {
                    JsonBody body = await JsonBody.ReadAsync(context.Request);
                    if (!body.TryRead(out ConfirmRequest? request, out HubError? invalid))
                    {
                        return Answer.Problem(invalid);
                    }

                    stage = request.StageId;
                }

                return await CheckAsync(authorizer, caller, Operation.Send, id) is { } error
                    ? Answer.Problem(error)
                    : Answer.Of(await control.ConfirmAsync(caller.Principal, KeyOf(caller, id), stage));
            })
            .WithName("confirm_stage").Accepts<ConfirmRequest>(isOptional: true, "application/json").Produces<CommandResult>();
        group.MapPost("/v1/projects/{id}/commands", async (string id, Caller caller, JsonBody body, Authorizer authorizer, ProjectControl control) =>
                !body.TryRead(out CommandBody? command, out HubError? error) ? Answer.Problem(error)
                : await CheckAsync(authorizer, caller, Operation.Send, id) is { } refused ? Answer.Problem(refused)
                : Answer.Of(await control.CommandAsync(caller.Principal, KeyOf(caller, id), command.Name, command.Args)))
            .WithName("run_project_command").Accepts<CommandBody>("application/json").Produces<CommandResult>();
        group.MapPost("/v1/projects/{id}/heartbeat", async (string id, Caller caller, Authorizer authorizer, ProjectControl control) =>
                await CheckAsync(authorizer, caller, Operation.Publish, id) is { } error
                    ? Answer.Problem(error)
                    : Answer.Of(await control.HeartbeatAsync(caller.Principal, KeyOf(caller, id))))
            .WithName("renew_project_work").WithSummary("Keeps work that is published over HTTP and is quiet for a while.").Produces<LeaseResult>();
        return api;
    }

    private static ValueTask<HubError?> CheckAsync(Authorizer authorizer, Caller caller, Operation operation, string id) =>
        authorizer.CheckAsync(caller.Principal, operation, new StreamId(StreamKind.Project, id));

    private static StreamKey KeyOf(Caller caller, string id) => new(caller.Principal.Tenant, StreamKind.Project, id);
}
