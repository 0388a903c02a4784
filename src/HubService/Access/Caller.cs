using System.Reflection;

namespace HubService.Access;

/// <summary>Binds the principal of an HTTP request to an endpoint's parameter; the endpoint requires authorization.</summary>
internal sealed record Caller(Principal Principal)
{
    public static ValueTask<Caller?> BindAsync(HttpContext context, ParameterInfo parameter)
    {
        PrincipalResult read = context.RequestServices.GetRequiredService<PrincipalReader>().Read(context.User);
        return ValueTask.FromResult(read.Principal is { } principal ? new Caller(principal) : null);
    }
}
