using System.Globalization;
using System.Security.Claims;
using HubService.Contracts;
using Microsoft.Extensions.Options;

namespace HubService.Access;

/// <summary>Reads the <see cref="Principal"/> from the claims of an authenticated user.</summary>
internal sealed class PrincipalReader(IOptions<AccessOptions> options)
{
    public const int MaxSubjectLength = 128;

    /// <summary>The principal, or <c>unauthorized</c> with the claim at fault. Costs nothing for users of the Bearer scheme.</summary>
    public PrincipalResult Read(ClaimsPrincipal? user)
    {
        if (user?.Identity is PrincipalIdentity known)
        {
            return new PrincipalResult(known.Principal, null);
        }

        return user?.Identity is { IsAuthenticated: true } ? ReadClaims(user.Claims.ToList()) : Refuse("no token");
    }

    internal PrincipalResult ReadClaims(IReadOnlyCollection<Claim> claims)
    {
        List<string> tenants = Values(claims, "tenant");
        string tenant = tenants.Count == 0 ? options.Value.DefaultTenant : tenants[0];
        if (tenants.Count > 1 || !Ids.IsValid(tenant))
        {
            return Refuse("the tenant claim is not one valid name");
        }

        List<string> subjects = Values(claims, "sub");
        if (subjects.Count != 1 || !IsSubject(subjects[0]))
        {
            return Refuse("the sub claim is not one printable name");
        }

        return new PrincipalResult(
            new Principal(
                tenant,
                subjects[0],
                RolesOf(Words(claims, "role", "roles")),
                Words(claims, "realm", "realms"),
                Words(claims, "streams"),
                ExpiryOf(claims)),
            null);
    }

    /// <summary>What a subject is, for error messages.</summary>
    public const string SubjectRule = "1 to 128 printable characters without surrounding blanks.";

    /// <summary>1 to 128 printable characters without surrounding blanks; <c>@</c>, <c>|</c>, <c>:</c> and letters of any language are fine.</summary>
    internal static bool IsSubject(string subject) =>
        subject.Length is > 0 and <= MaxSubjectLength
        && subject.AsSpan().Trim().Length == subject.Length
        && subject.EnumerateRunes().All(r => r != System.Text.Rune.ReplacementChar && System.Text.Rune.GetUnicodeCategory(r) is not (
            UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse
            or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.OtherNotAssigned));

    internal static Roles? RoleOf(string name) => name switch
    {
        "user" => Roles.User,
        "publisher" => Roles.Publisher,
        "worker" => Roles.Worker,
        "admin" => Roles.Admin,
        _ => null,
    };

    private static Roles RolesOf(IEnumerable<string> names)
    {
        // Identity providers put names of their own here; they grant nothing.
        Roles roles = names.Aggregate(Roles.None, (all, name) => all | (RoleOf(name) ?? Roles.None));
        return roles == Roles.None ? Roles.User : roles;
    }

    private static DateTimeOffset? ExpiryOf(IEnumerable<Claim> claims) =>
        claims.FirstOrDefault(c => c.Type == "exp") is { } exp
        && double.TryParse(exp.Value, NumberStyles.Float, CultureInfo.InvariantCulture, out double seconds)
        && seconds is > 0 and < 253402300800
            ? DateTimeOffset.FromUnixTimeSeconds((long)seconds)
            : null;

    private static List<string> Values(IEnumerable<Claim> claims, string type) =>
        claims.Where(c => string.Equals(c.Type, type, StringComparison.Ordinal)).Select(c => c.Value).ToList();

    // An array in the token arrives as one claim per element; a single string may list several, parted by blanks, as OAuth scopes do.
    private static List<string> Words(IReadOnlyCollection<Claim> claims, params ReadOnlySpan<string> types)
    {
        List<string> words = [];
        foreach (string type in types)
        {
            words.AddRange(Values(claims, type).SelectMany(v => v.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)));
        }

        return words.Distinct(StringComparer.Ordinal).ToList();
    }

    private static PrincipalResult Refuse(string reason) => new(null, new HubError(ErrorCodes.Unauthorized, $"Not authenticated: {reason}."));
}

/// <summary>Either a principal or why there is none.</summary>
internal readonly record struct PrincipalResult(Principal? Principal, HubError? Error);

/// <summary>The identity of a user whose principal was read when the token was checked.</summary>
internal sealed class PrincipalIdentity(ClaimsIdentity claims, Principal principal) : ClaimsIdentity(claims)
{
    public Principal Principal { get; } = principal;

    public override ClaimsIdentity Clone() => new PrincipalIdentity(this, Principal);
}
