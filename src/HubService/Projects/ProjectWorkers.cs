using System.IO.Enumeration;
using HubService.Access;
using HubService.Cluster;
using HubService.Contracts;

namespace HubService.Projects;

/// <summary>The connected pipeline workers of every node, and the projects each serves.</summary>
internal sealed class ProjectWorkers(ICluster cluster)
{
    private readonly SharedWorkers<ProjectWorker> _workers = new(cluster, "projects.workers", ProjectNodesJson.Default.ProjectWorkerArray);

    public void Register(string handle, Principal principal, IReadOnlyList<string> patterns) => _workers.Register(new ProjectWorker(handle, principal, [.. patterns]));

    public void Unregister(string handle) => _workers.Unregister(handle);

    /// <summary>Calls back with the handles of another node's workers after they changed.</summary>
    public void OnChanged(Action<IReadOnlyList<string>> callback) => _workers.OnChanged(callback);

    public bool IsConnected(string handle) => _workers.Find(handle) is not null;

    /// <summary>The handle of a worker that registered for the project and is granted it, or null; one of this node before others.</summary>
    public string? Route(string tenant, string projectId) => _workers.All().FirstOrDefault(w => Serves(w, tenant, projectId))?.Handle;

    public bool Serves(string handle, string tenant, string projectId) => _workers.Find(handle) is { } worker && Serves(worker, tenant, projectId);

    private static bool Serves(ProjectWorker worker, string tenant, string projectId) =>
        worker.Principal.Tenant == tenant
        && (worker.Principal.Is(Roles.Admin) || worker.Principal.IsGranted(StreamId.Project(new ProjectId(projectId))))
        && worker.Patterns.Any(p => FileSystemName.MatchesSimpleExpression(p, projectId, ignoreCase: false));
}

/// <summary>The projects that a pipeline worker serves, as patterns, and for whom.</summary>
internal sealed record ProjectWorker(string Handle, Principal Principal, IReadOnlyList<string> Patterns) : IWorker;
