using HubService.Access;
using HubService.Contracts;

namespace HubService;

/// <summary>Refuses compressed request bodies, which would have to be unpacked before their limits could be checked.</summary>
internal static class PlainBodies
{
    public static void UsePlainBodies(this WebApplication app) => app.Use(static (context, next) =>
    {
        string encoding = context.Request.Headers.ContentEncoding.ToString();
        if (encoding.Length == 0 || string.Equals(encoding, "identity", StringComparison.OrdinalIgnoreCase))
        {
            return next(context);
        }

        context.Response.Headers.AcceptEncoding = "identity";
        return Problem.WriteAsync(context, HubError.Invalid("Content-Encoding", "is not supported; send the body as it is."), StatusCodes.Status415UnsupportedMediaType);
    });
}
