using System.IO.Enumeration;
using HubService.Access;
using HubService.Cluster;
using HubService.Contracts;

namespace HubService.Projects;

/// <summary>The connected pipeline workers of every node, and the projects each serves.</summary>
internal sealed class ProjectWorkers
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, ProjectWorker> _here = new(StringComparer.Ordinal);
    private readonly SharedFacts<ProjectWorker[]> _shared;

    public ProjectWorkers(ICluster cluster) => _shared = new SharedFacts<ProjectWorker[]>(cluster, "projects.workers", ProjectNodesJson.Default.ProjectWorkerArray);

    public void Register(string handle, Principal principal, IReadOnlyList<string> patterns)
    {
        lock (_gate)
        {
            _here[handle] = new ProjectWorker(handle, principal, [.. patterns]);
            ShareUnsynchronized();
        }
    }

    public void Unregister(string handle)
    {
        lock (_gate)
        {
            if (_here.Remove(handle))
            {
                ShareUnsynchronized();
            }
        }
    }

    /// <summary>Calls back with the handles of another node's workers after they changed.</summary>
    public void OnChanged(Action<IReadOnlyList<string>> callback) => _shared.OnShared(node =>
        callback([.. _shared.OfOthers().Where(n => n.Key == node).SelectMany(n => n.Value).Select(w => w.Handle)]));

    public bool IsConnected(string handle) => Find(handle) is not null;

    /// <summary>The handle of a worker that registered for the project and is granted it, or null; one of this node before others.</summary>
    public string? Route(string tenant, string projectId) => All().Find(w => Serves(w, tenant, projectId))?.Handle;

    public bool Serves(string handle, string tenant, string projectId) => Find(handle) is { } worker && Serves(worker, tenant, projectId);

    private ProjectWorker? Find(string handle)
    {
        lock (_gate)
        {
            if (_here.TryGetValue(handle, out ProjectWorker? worker))
            {
                return worker;
            }
        }

        return _shared.OfOthers().SelectMany(n => n.Value).FirstOrDefault(w => w.Handle == handle);
    }

    private List<ProjectWorker> All()
    {
        List<ProjectWorker> all;
        lock (_gate)
        {
            all = [.. _here.Values];
        }

        all.AddRange(_shared.OfOthers().SelectMany(n => n.Value));
        return all;
    }

    private void ShareUnsynchronized() => _shared.Share(_here.Count > 0 ? [.. _here.Values] : null);

    private static bool Serves(ProjectWorker worker, string tenant, string projectId) =>
        worker.Principal.Tenant == tenant
        && (worker.Principal.Is(Roles.Admin) || worker.Principal.IsGranted(StreamId.Project(new ProjectId(projectId))))
        && worker.Patterns.Any(p => FileSystemName.MatchesSimpleExpression(p, projectId, ignoreCase: false));
}

/// <summary>A worker as nodes tell each other.</summary>
internal sealed record ProjectWorker(string Handle, Principal Principal, IReadOnlyList<string> Patterns);
