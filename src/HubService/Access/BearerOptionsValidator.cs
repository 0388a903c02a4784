using Microsoft.Extensions.Options;

namespace HubService.Access;

/// <summary>Refuses to start a service that could not tell a good token from a bad one.</summary>
internal sealed class BearerOptionsValidator(IHostEnvironment environment) : IValidateOptions<BearerOptions>
{
    public const int MinimumKeyBytes = 32;

    public ValidateOptionsResult Validate(string? name, BearerOptions options)
    {
        const string section = BearerOptions.Section;
        List<string> errors = [];
        bool hasAuthority = !string.IsNullOrWhiteSpace(options.Authority);
        bool mayInvent = environment.IsDevelopment();
        if (options.SigningKeys.Count == 0 && !hasAuthority && !mayInvent)
        {
            errors.Add($"No way to check tokens: set {section}:SigningKeys (shared keys) or {section}:Authority (OpenID Connect).");
        }

        for (int i = 0; i < options.SigningKeys.Count; i++)
        {
            if (options.SigningKeys[i].Bytes() is not { } key)
            {
                errors.Add($"{section}:SigningKeys:{i}:Value is not base64.");
            }
            else if (key.Length < MinimumKeyBytes)
            {
                errors.Add($"{section}:SigningKeys:{i}:Value has {key.Length} bytes; {MinimumKeyBytes} is the least.");
            }
        }

        bool checksTokens = options.SigningKeys.Count > 0 || hasAuthority;
        if (checksTokens && !options.Audiences.Any())
        {
            errors.Add($"Set {section}:ValidAudiences: without an audience every token of the issuer would do.");
        }

        if (options.SigningKeys.Count > 0 && !options.Issuers.Any())
        {
            errors.Add($"Set {section}:ValidIssuer or the Issuer of each of {section}:SigningKeys.");
        }

        if (hasAuthority && !(Uri.TryCreate(options.Authority, UriKind.Absolute, out Uri? authority)
            && (authority.Scheme == Uri.UriSchemeHttps || (!options.RequireHttpsMetadata && authority.Scheme == Uri.UriSchemeHttp))))
        {
            errors.Add($"{section}:Authority must be an https address (or http with {section}:RequireHttpsMetadata false).");
        }

        if (options.ClockSkew < TimeSpan.Zero || options.ClockSkew > TimeSpan.FromSeconds(60))
        {
            errors.Add($"{section}:ClockSkew must be between 0 and 60 seconds.");
        }

        return errors.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(errors);
    }
}
