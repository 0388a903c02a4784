using System.IO.Enumeration;
using HubService.Access;
using HubService.Contracts;

namespace HubService.Projects;

/// <summary>The connected pipeline workers and the projects each serves.</summary>
internal sealed class ProjectWorkers
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Worker> _byConnection = new(StringComparer.Ordinal);

    private sealed record Worker(string ConnectionId, Principal Principal, IReadOnlyList<string> Patterns);

    public void Register(string connectionId, Principal principal, IReadOnlyList<string> patterns)
    {
        lock (_gate)
        {
            _byConnection[connectionId] = new Worker(connectionId, principal, [.. patterns]);
        }
    }

    public void Unregister(string connectionId)
    {
        lock (_gate)
        {
            _byConnection.Remove(connectionId);
        }
    }

    public bool IsConnected(string connectionId)
    {
        lock (_gate)
        {
            return _byConnection.ContainsKey(connectionId);
        }
    }

    /// <summary>The connection of a worker that registered for the project and is granted it, or null.</summary>
    public string? Route(string tenant, string projectId)
    {
        lock (_gate)
        {
            return _byConnection.Values.FirstOrDefault(w => Serves(w, tenant, projectId))?.ConnectionId;
        }
    }

    public bool Serves(string connectionId, string tenant, string projectId)
    {
        lock (_gate)
        {
            return _byConnection.TryGetValue(connectionId, out Worker? worker) && Serves(worker, tenant, projectId);
        }
    }

    private static bool Serves(Worker worker, string tenant, string projectId) =>
        worker.Principal.Tenant == tenant
        && (worker.Principal.Is(Roles.Admin) || worker.Principal.IsGranted(StreamId.Project(new ProjectId(projectId))))
        && worker.Patterns.Any(p => FileSystemName.MatchesSimpleExpression(p, projectId, ignoreCase: false));
}
