using Microsoft.AspNetCore.Http.Features;

namespace HubService.Access;

/// <summary>Whose connection it is: a feature of the connection, set when it opens, whose principal is replaced with its token.</summary>
internal sealed class ConnectionPrincipal(Principal principal)
{
    public Principal Principal { get; private set; } = principal;

    /// <summary>The end that its client was warned of; null when it was not.</summary>
    public DateTimeOffset? Warned { get; set; }

    public static Principal Of(IFeatureCollection connection) =>
        Find(connection)?.Principal ?? throw new InvalidOperationException("The connection has not been opened.");

    /// <summary>Null before the connection is open.</summary>
    public static ConnectionPrincipal? Find(IFeatureCollection connection) => connection.Get<ConnectionPrincipal>();

    public static void Set(IFeatureCollection connection, Principal principal)
    {
        if (Find(connection) is { } known)
        {
            known.Principal = principal;
        }
        else
        {
            connection.Set(new ConnectionPrincipal(principal));
        }
    }
}
