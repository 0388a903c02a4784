namespace HubService.Access;

/// <summary>Which requests ask for server-sent events, and so stay open.</summary>
internal static class EventStreams
{
    /// <summary>By the route, not by the path: that may be spelt in other letters or end with a slash.</summary>
    public static bool IsEventStream(this HttpContext context) =>
        context.GetEndpoint() is RouteEndpoint { RoutePattern.RawText: { } route } && route.EndsWith("/stream", StringComparison.Ordinal);
}
