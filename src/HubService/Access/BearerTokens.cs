using System.Security.Claims;
using HubService.Contracts;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Microsoft.IdentityModel.Tokens;

namespace HubService.Access;

/// <summary>
/// Checks a raw token: the one way in for the Bearer scheme, for <c>RefreshToken</c> and for sockets that bring their token
/// in a place of their own. Which algorithms and keys count follows from the issuer's configuration, never from the token.
/// </summary>
internal sealed partial class BearerTokens(
    TokenKeys keys,
    PrincipalReader reader,
    IOptions<BearerOptions> options,
    IOptionsMonitor<JwtBearerOptions> scheme,
    TimeProvider time,
    IHostEnvironment environment,
    ILogger<BearerTokens> logger)
{
    private static readonly string[] SharedKeyAlgorithms = ["HS256", "HS384", "HS512"];
    private static readonly string[] PublishedKeyAlgorithms = ["RS256", "PS256", "ES256"];

    /// <summary>
    /// The stock cache finds verifiers by kid alone: a key of one issuer would answer for another issuer's key of that name. And it
    /// may dispose a signer that a request of the same moment is using.
    /// </summary>
    internal static readonly CryptoProviderFactory Uncached = new() { CacheSignatureProviders = false };

    private readonly JsonWebTokenHandler _handler = new() { MaximumTokenSizeInBytes = TokenShape.MaxBytes };
    private readonly BearerOptions _options = options.Value;
    private readonly VerifiedTokens _verified = new(time);

    /// <summary>
    /// The principal and its claims, or <c>unauthorized</c> with one message for every reason (the log and Development know
    /// more), or a retryable <c>internal</c> when the authority's keys cannot be fetched.
    /// </summary>
    public async ValueTask<TokenResult> ValidateAsync(string token, CancellationToken cancellationToken = default)
    {
        if (_verified.Find(token) is { } known)
        {
            return known;
        }

        TokenResult result = await CheckAsync(token, cancellationToken);
        if (result.Principal is not null)
        {
            _verified.Add(token, result);
        }

        return result;
    }

    private async ValueTask<TokenResult> CheckAsync(string token, CancellationToken cancellationToken)
    {
        if (TokenShape.Read(token, out string reason) is not { } shape)
        {
            return Refuse(reason);
        }

        if (shape.Issuer is not { } issuer)
        {
            return Refuse("no issuer");
        }

        if (RefuseTime(shape) is { } untimely)
        {
            return Refuse(untimely);
        }

        if (keys.For(issuer, shape.KeyId).ToList() is { Count: > 0 } shared)
        {
            return SharedKeyAlgorithms.Contains(shape.Algorithm) ? Verify(token, issuer, shared) : Refuse("algorithm not accepted");
        }

        return await ValidatePublishedAsync(token, issuer, shape, cancellationToken);
    }

    private async ValueTask<TokenResult> ValidatePublishedAsync(string token, string issuer, TokenShape shape, CancellationToken cancellationToken)
    {
        if (scheme.Get(JwtBearerDefaults.AuthenticationScheme).ConfigurationManager is not { } authority)
        {
            return Refuse("issuer or key not known");
        }

        if (!PublishedKeyAlgorithms.Contains(shape.Algorithm))
        {
            return Refuse("algorithm not accepted");
        }

        OpenIdConnectConfiguration published;
        try
        {
            published = await authority.GetConfigurationAsync(cancellationToken);
        }
        catch (Exception e) when (e is InvalidOperationException or IOException or HttpRequestException)
        {
            LogAuthorityUnreachable(logger, e.GetBaseException().Message);
            return new TokenResult(null, null, new HubError(ErrorCodes.Internal, "Tokens cannot be checked at the moment: the authority does not answer."));
        }

        if (!string.Equals(issuer, published.Issuer, StringComparison.Ordinal) && !_options.Issuers.Contains(issuer))
        {
            return Refuse("issuer or key not known");
        }

        List<SecurityKey> matching = published.SigningKeys.Where(k => k is not SymmetricSecurityKey && (shape.KeyId is null || k.KeyId == shape.KeyId)).ToList();
        if (matching.Count == 0)
        {
            // The authority may have rolled its keys over. The manager limits how often this leads to a request.
            authority.RequestRefresh();
            return Refuse("issuer or key not known");
        }

        return Verify(token, issuer, matching);
    }

    private TokenResult Verify(string token, string issuer, List<SecurityKey> signers)
    {
        TokenValidationResult result = _handler.ValidateToken(token, new TokenValidationParameters
        {
            IssuerSigningKeyResolver = (_, _, _, _) => signers,
            CryptoProviderFactory = Uncached,
            RequireSignedTokens = true,
            ValidIssuer = issuer,
            ValidAudiences = keys.Audiences,
            AudienceValidator = (audiences, _, _) => audiences.Any(a => keys.Audiences.Contains(a, StringComparer.Ordinal)),
            RequireExpirationTime = true,

            // Decided by RefuseTime, on the service's own clock.
            ValidateLifetime = false,
            NameClaimType = "sub",
            RoleClaimType = "role",
        });
        if (!result.IsValid)
        {
            return Refuse(result.Exception is SecurityTokenInvalidAudienceException ? "audience not accepted" : "signature not valid");
        }

        PrincipalResult read = reader.ReadClaims(result.ClaimsIdentity.Claims.ToList());
        return read.Principal is { } principal
            ? new TokenResult(principal, new ClaimsPrincipal(new PrincipalIdentity(result.ClaimsIdentity, principal)), null)
            : Refuse(read.Error!.Message);
    }

    private string? RefuseTime(TokenShape shape)
    {
        // No grace after exp: a connection is closed at exp, so a token must not open one later.
        double now = time.GetUtcNow().ToUnixTimeMilliseconds() / 1000d;
        double latest = now + _options.ClockSkew.TotalSeconds;
        return shape.Expires <= now ? "expired"
            : shape.NotBefore > latest || shape.IssuedAt > latest ? "not valid yet"
            : null;
    }

    private TokenResult Refuse(string reason)
    {
        LogRefused(logger, reason);
        string message = environment.IsDevelopment() ? $"The token is not valid: {reason}." : "The token is missing or not valid.";
        return new TokenResult(null, null, new HubError(ErrorCodes.Unauthorized, message));
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Refused a token: {Reason}")]
    private static partial void LogRefused(ILogger logger, string reason);

    [LoggerMessage(Level = LogLevel.Error, Message = "The authority's keys cannot be fetched: {Reason}")]
    private static partial void LogAuthorityUnreachable(ILogger logger, string reason);
}

/// <summary>Who a token stands for, or why it does not count.</summary>
internal sealed record TokenResult(Principal? Principal, ClaimsPrincipal? User, HubError? Error);
