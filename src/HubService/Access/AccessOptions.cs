namespace HubService.Access;

/// <summary>Bound from <c>Access</c>.</summary>
internal sealed class AccessOptions
{
    public const string Section = "Access";

    /// <summary>The tenant of a token without a <c>tenant</c> claim; empty refuses such tokens.</summary>
    public string DefaultTenant { get; set; } = "default";

    /// <summary>Browser origins that may connect, each exactly <c>scheme://host[:port]</c>; empty allows the service's own origin only.</summary>
    public IList<string> AllowedOrigins { get; } = [];
}
