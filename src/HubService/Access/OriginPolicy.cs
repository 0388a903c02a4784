using Microsoft.Extensions.Options;

namespace HubService.Access;

/// <summary>Decides which browser pages may talk to the service. Not authentication: it keeps other sites from using a visitor's access.</summary>
internal sealed class OriginPolicy(IOptions<AccessOptions> options, IHostEnvironment environment)
{
    private readonly HashSet<string> _allowed = new(options.Value.AllowedOrigins, StringComparer.Ordinal);

    /// <summary>True when a page of this origin may talk to a service reached as <paramref name="ownOrigin"/>.</summary>
    public bool Allows(string origin, string? ownOrigin)
    {
        // Compared as the browser sends it: anything that needs normalising did not come from a browser.
        if (Normalize(origin) is not { } normal || !string.Equals(normal, origin, StringComparison.Ordinal))
        {
            return false;
        }

        if (_allowed.Contains(origin) || (ownOrigin is not null && string.Equals(origin, Normalize(ownOrigin), StringComparison.Ordinal)))
        {
            return true;
        }

        return environment.IsDevelopment() && new Uri(origin).IsLoopback;
    }

    /// <summary>An origin as RFC 6454 spells it: lower case, without a default port; null when it is none.</summary>
    public static string? Normalize(string origin) =>
        Uri.TryCreate(origin, UriKind.Absolute, out Uri? uri)
        && (uri.Scheme == Uri.UriSchemeHttp || uri.Scheme == Uri.UriSchemeHttps)
        && uri.Host.Length > 0 && uri.UserInfo.Length == 0 && uri.PathAndQuery == "/" && uri.Fragment.Length == 0
            ? uri.GetLeftPart(UriPartial.Authority)
            : null;
}
