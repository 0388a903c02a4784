using HubService.Contracts;

namespace HubService.Access;

/// <summary>Who is asking, read from the validated token and from nothing else.</summary>
/// <param name="Tenant">The isolation boundary.</param>
/// <param name="Subject">The user or service; what events carry as <c>user_id</c>.</param>
/// <param name="Realms">Named areas of the product this principal may act in.</param>
/// <param name="Streams">Grants: patterns such as <c>project:demo-*</c> or <c>thread:*</c>, where <c>*</c> stands for any characters.</param>
/// <param name="ExpiresAt">When the token ends.</param>
internal sealed record Principal(
    string Tenant,
    string Subject,
    Roles Roles,
    IReadOnlyList<string> Realms,
    IReadOnlyList<string> Streams,
    DateTimeOffset? ExpiresAt)
{
    public bool Is(Roles role) => (Roles & role) != 0;

    /// <summary>Does a grant of the token cover this stream?</summary>
    public bool IsGranted(StreamId stream)
    {
        string name = stream.ToString();
        foreach (string pattern in Streams)
        {
            if (System.IO.Enumeration.FileSystemName.MatchesSimpleExpression(pattern, name, ignoreCase: false))
            {
                return true;
            }
        }

        return false;
    }
}

[Flags]
internal enum Roles
{
    None = 0,

    /// <summary>A person: reads and talks in threads it owns or is a member of, and projects it is granted.</summary>
    User = 1,

    /// <summary>A service that publishes events to the streams it is granted.</summary>
    Publisher = 2,

    /// <summary>A publisher that may also register to execute runs and stages.</summary>
    Worker = 4,

    /// <summary>Everything inside its tenant.</summary>
    Admin = 8,
}
