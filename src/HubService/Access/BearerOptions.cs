namespace HubService.Access;

/// <summary>Bound from <c>Authentication:Schemes:Bearer</c>, the section that <c>dotnet user-jwts</c> writes.</summary>
internal sealed class BearerOptions
{
    public const string Section = "Authentication:Schemes:Bearer";

    /// <summary>The OpenID Connect issuer whose published keys sign the tokens (RS256, PS256, ES256).</summary>
    public string? Authority { get; set; }

    /// <summary>False lets the authority be reached over plain http; for development only.</summary>
    public bool RequireHttpsMetadata { get; set; } = true;

    /// <summary>One audience that tokens may carry; the same as <see cref="ValidAudience"/>.</summary>
    public string? Audience { get; set; }

    /// <summary>One audience that tokens may carry.</summary>
    public string? ValidAudience { get; set; }

    /// <summary>Audiences that tokens may carry, compared exactly.</summary>
    public IList<string> ValidAudiences { get; } = [];

    /// <summary>One issuer that tokens may name.</summary>
    public string? ValidIssuer { get; set; }

    /// <summary>Issuers that tokens may name, compared exactly; the issuers of the signing keys count too.</summary>
    public IList<string> ValidIssuers { get; } = [];

    /// <summary>Keys shared with the issuers (HS256, HS384, HS512).</summary>
    public IList<SigningKey> SigningKeys { get; } = [];

    /// <summary>How far in the future a token's <c>nbf</c> and <c>iat</c> may lie, at most 60 s; <c>exp</c> gets no grace.</summary>
    public TimeSpan ClockSkew { get; set; } = TimeSpan.FromSeconds(60);

    internal IEnumerable<string> Audiences => Given([Audience, ValidAudience, .. ValidAudiences]);

    internal IEnumerable<string> Issuers => Given([ValidIssuer, .. ValidIssuers, .. SigningKeys.Select(k => k.Issuer)]);

    private static IEnumerable<string> Given(IEnumerable<string?> values) =>
        values.Where(v => !string.IsNullOrWhiteSpace(v)).Select(v => v!).Distinct(StringComparer.Ordinal);
}

/// <summary>One shared key.</summary>
internal sealed class SigningKey
{
    /// <summary>The name of a key shared with an issuer: what a token's <c>kid</c> must be when it has one.</summary>
    public string? Id { get; set; }

    /// <summary>The only issuer this key is good for; empty means every valid issuer.</summary>
    public string? Issuer { get; set; }

    /// <summary>The key (HS256, HS384, HS512): at least 32 bytes, base64.</summary>
    public string? Value { get; set; }

    /// <summary>The length in bytes as <c>dotnet user-jwts</c> notes it; not used.</summary>
    public int Length { get; set; }

    internal byte[]? Bytes()
    {
        byte[] buffer = new byte[Value?.Length ?? 0];
        return Convert.TryFromBase64String(Value ?? "", buffer, out int written) && written > 0 ? buffer[..written] : null;
    }
}
