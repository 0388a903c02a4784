using System.Collections.Immutable;
using System.Security.Cryptography;
using HubService.Contracts;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.Tokens;

namespace HubService.Access;

/// <summary>The shared keys, each with the issuers it is good for; in Development without any, one that lives as long as the process.</summary>
internal sealed class TokenKeys
{
    private const string DevelopmentIssuer = "hubservice-development";
    private const string DevelopmentAudience = "hubservice";

    private readonly ImmutableArray<(string? Issuer, SymmetricSecurityKey Key)> _keys;

    public TokenKeys(IOptions<BearerOptions> options, IHostEnvironment environment)
    {
        BearerOptions bearer = options.Value;
        _keys = [.. bearer.SigningKeys.Select(k => (NullIfEmpty(k.Issuer), new SymmetricSecurityKey(k.Bytes()) { KeyId = NullIfEmpty(k.Id) }))];
        Issuers = bearer.Issuers.ToImmutableHashSet(StringComparer.Ordinal);
        Audiences = bearer.Audiences.ToImmutableArray();
        if (_keys.IsEmpty && environment.IsDevelopment())
        {
            // A guess at a leaked key must not open the next process: random, never written anywhere.
            _keys = [(DevelopmentIssuer, new SymmetricSecurityKey(RandomNumberGenerator.GetBytes(64)) { KeyId = Ids.New("dev-") })];
            Issuers = Issuers.Add(DevelopmentIssuer);
            Audiences = Audiences.IsEmpty ? [DevelopmentAudience] : Audiences;
        }
    }

    public ImmutableHashSet<string> Issuers { get; }

    public ImmutableArray<string> Audiences { get; }

    /// <summary>The keys that may have signed a token of this issuer; a <c>kid</c> narrows them down and never widens.</summary>
    public IEnumerable<SecurityKey> For(string issuer, string? keyId) =>
        from k in _keys
        where (k.Issuer ?? issuer) == issuer && Issuers.Contains(issuer) && (keyId is null || k.Key.KeyId is null || k.Key.KeyId == keyId)
        select k.Key;

    /// <summary>What to sign development tokens with; null when only an authority signs.</summary>
    public (string Issuer, string Audience, SymmetricSecurityKey Key)? Signing =>
        _keys.IsEmpty ? null : (_keys[0].Issuer ?? Issuers.Order(StringComparer.Ordinal).First(), Audiences[0], _keys[0].Key);

    private static string? NullIfEmpty(string? value) => string.IsNullOrWhiteSpace(value) ? null : value;
}
