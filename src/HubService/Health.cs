using HubService.Contracts;
using HubService.Delivery;
using HubService.Streams;

namespace HubService;

/// <summary>Is the process alive, has it started, may it be given work.</summary>
internal static class Health
{
    private static readonly StreamKey Probe = new("hubservice", StreamKind.User, "health");

    public static void MapHealth(this WebApplication app)
    {
        RouteGroupBuilder health = app.MapGroup("/health").AllowAnonymous().ExcludeFromDescription();
        health.MapGet("/live", () => Results.Text("ok"));
        health.MapGet("/startup", () => Results.Text("ok"));
        health.MapGet("/ready", async (Drain drain, IEventLog log, CancellationToken cancellationToken) =>
        {
            if (drain.Started)
            {
                return Red(ErrorCodes.Draining);
            }

            if (log.Fault is not null)
            {
                return Red(ErrorCodes.StoreUnavailable);
            }

            if (log.RefusalCode is { } refusing)
            {
                return Red(refusing);
            }

            try
            {
                await log.ReadAsync(Probe, StreamPosition.Start, 1, cancellationToken);
                return Results.Text("ok");
            }
            catch (LogException e)
            {
                return Red(e.Code);
            }
        });
    }

    private static IResult Red(string reason) => Results.Text(reason, statusCode: StatusCodes.Status503ServiceUnavailable);
}
