using HubService.Access;
using HubService.Agents;
using HubService.Contracts;
using HubService.Delivery;
using HubService.Limits;
using HubService.Projects;
using HubService.Publishing;

namespace HubService;

/// <summary>The HTTP interface: what every kind of stream has, and what threads and projects have besides.</summary>
internal static class HttpApi
{
    /// <summary>Maps <c>/api/v1</c>, and <c>/api/projects</c>, where the existing clients look.</summary>
    public static void MapHttpApi(this WebApplication app)
    {
        RouteGroupBuilder api = app.MapGroup("/api").RequireAuthorization(AccessServices.TokenPolicy)
            .AddEndpointFilter<DrainEndpointFilter>()
            .AddEndpointFilter<StreamEndpointFilter>();
        RouteGroupBuilder v1 = api.MapGroup("/v1");
        v1.MapGroup("").AddEndpointFilter<PublishRateEndpointFilter>()
            .MapPublish("/threads", StreamKind.Thread)
            .MapPublish("/projects", StreamKind.Project)
            .MapPublish("/users", StreamKind.User);
        v1.MapReads("/threads", StreamKind.Thread).MapPresence("/threads", StreamKind.Thread).MapThreads();
        v1.MapReads("/projects", StreamKind.Project).MapPresence("/projects", StreamKind.Project);
        v1.MapReads("/users", StreamKind.User);
        api.MapProjects();
    }
}
