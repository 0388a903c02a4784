namespace HubService.Cluster.Tests.Rig;

/// <summary>HTTP straight to a node: a proxy that the environment names must not come between, least of all to a network namespace.</summary>
internal static class DirectHttp
{
    public static HttpClient To(Uri? node = null) => new(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = node };
}
