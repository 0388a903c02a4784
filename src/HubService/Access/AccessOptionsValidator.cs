using HubService.Contracts;
using Microsoft.Extensions.Options;

namespace HubService.Access;

/// <summary>Refuses a default tenant or an allowed origin that could never match.</summary>
internal sealed class AccessOptionsValidator : IValidateOptions<AccessOptions>
{
    public ValidateOptionsResult Validate(string? name, AccessOptions options)
    {
        List<string> errors = [];
        if (options.DefaultTenant.Length > 0 && !Ids.IsValid(options.DefaultTenant))
        {
            errors.Add($"{AccessOptions.Section}:DefaultTenant: 1 to {Ids.MaxLength} letters, digits, dots, underscores or hyphens, or empty.");
        }

        for (int i = 0; i < options.AllowedOrigins.Count; i++)
        {
            string origin = options.AllowedOrigins[i];
            if (OriginPolicy.Normalize(origin) is not { } normal)
            {
                errors.Add($"{AccessOptions.Section}:AllowedOrigins:{i}: '{origin}' is not scheme://host[:port].");
            }
            else if (!string.Equals(normal, origin, StringComparison.Ordinal))
            {
                errors.Add($"{AccessOptions.Section}:AllowedOrigins:{i}: write '{normal}', as browsers send it.");
            }
        }

        return errors.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(errors);
    }
}
