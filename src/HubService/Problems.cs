using HubService.Access;
using HubService.Contracts;
using HubService.Streams;
using Microsoft.AspNetCore.Diagnostics;

namespace HubService;

/// <summary>Whatever an endpoint did not answer itself is answered as problem details with a code.</summary>
internal static class Problems
{
    public static IServiceCollection AddProblems(this IServiceCollection services) =>

        // A request that cannot be bound throws, so that it is answered below like everything else.
        services.Configure<RouteHandlerOptions>(static o => o.ThrowOnBadRequest = true);

    public static void UseProblems(this WebApplication app)
    {
        app.UseExceptionHandler(new ExceptionHandlerOptions
        {
            SuppressDiagnosticsCallback = static c => c.Exception is LogException or HubRefusal or BadHttpRequestException,
            ExceptionHandler = static context => Problem.WriteAsync(context, ErrorOf(context.Features.Get<IExceptionHandlerFeature>()?.Error)),
        });
        app.UseStatusCodePages(static c => WriteAsync(c.HttpContext, c.HttpContext.Response.StatusCode));
    }

    private static HubError ErrorOf(Exception? exception) => exception switch
    {
        LogException e => new HubError(e.Code, e.Message),
        HubRefusal e => e.Error,
        BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge } => new HubError(ErrorCodes.PayloadTooLarge, "The request is too large."),
        BadHttpRequestException e => Unbound(e),
        _ => new HubError(ErrorCodes.Internal, "The service failed; the trace id finds why."),
    };

    /// <summary>The framework names the parameter that it could not read between quotes, after its type.</summary>
    private static HubError Unbound(BadHttpRequestException e) =>
        e.Message.Split('"') is [_, var parameter, ..]
            ? HubError.Invalid(parameter[(parameter.LastIndexOf(' ') + 1)..], "cannot be read.")
            : new HubError(ErrorCodes.InvalidMessage, e.Message);

    private static Task WriteAsync(HttpContext context, int status) => status switch
    {
        StatusCodes.Status404NotFound => Problem.WriteAsync(context, new HubError(ErrorCodes.NotFound, "There is nothing at this address.")),
        StatusCodes.Status405MethodNotAllowed => Problem.WriteAsync(context, HubError.Invalid("method", "is not one of this address."), status),
        StatusCodes.Status415UnsupportedMediaType => Problem.WriteAsync(context, HubError.Invalid("Content-Type", "is not one that this address reads."), status),
        StatusCodes.Status400BadRequest => Problem.WriteAsync(context, new HubError(ErrorCodes.InvalidMessage, "The request cannot be read."), status),
        _ => Task.CompletedTask,
    };
}
