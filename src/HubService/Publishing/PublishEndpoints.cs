using System.Buffers;
using System.IO.Pipelines;
using System.Text.Json;
using System.Text.Json.Nodes;
using HubService.Access;
using HubService.Contracts;
using HubService.Validation;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace HubService.Publishing;

/// <summary>Publishing over HTTP: one event, an array, or newline-delimited JSON as a stream that is answered line by line.</summary>
internal static class PublishEndpoints
{
    /// <summary>Maps <c>POST {prefix}/{id}/events</c> for one stream kind.</summary>
    public static RouteGroupBuilder MapPublish(this RouteGroupBuilder api, string prefix, string kind)
    {
        api.MapGroup(prefix).WithTags(prefix.Trim('/')).MapPost("/{id}/events", async (string id, HttpContext context, Caller caller, EventPublisher publisher) =>
            {
                var stream = new StreamId(kind, id);
                if (context.Request.ContentType?.StartsWith(JsonLines.ContentType, StringComparison.OrdinalIgnoreCase) is true)
                {
                    await PublishLinesAsync(context, caller.Principal, stream, publisher);
                    return Results.Empty;
                }

                JsonBody body = await JsonBody.ReadAsync(context.Request);
                if (body.Error is { } unreadable)
                {
                    return Answer.Problem(unreadable);
                }

                (JsonElement events, HubError? error) = WithKey(body.Json, context.Request.Headers["Idempotency-Key"].FirstOrDefault());
                if (error is not null)
                {
                    return Answer.Problem(error);
                }

                PublishResults published = await publisher.PublishAsync(caller.Principal, stream, events);
                return published.Error is null && events.ValueKind == JsonValueKind.Object
                    ? Answer.Of(published.Results[0])
                    : Answer.Of(published);
            })
            .WithName($"publish_{kind}_events")
            .WithSummary("Publishes one event, an array, or newline-delimited JSON; each event has its own result.")
            .Accepts<JsonElement>("application/json", JsonLines.ContentType)
            .Produces<PublishResults>()
            .Produces<PublishResult>();
        return api;
    }

    /// <summary>The event with the header's key as its event_id, so that a retry is recognised.</summary>
    private static (JsonElement Events, HubError? Error) WithKey(JsonElement events, string? key)
    {
        if (key is null)
        {
            return (events, null);
        }

        if (events.ValueKind != JsonValueKind.Object)
        {
            return (events, HubError.Invalid("Idempotency-Key", "goes with a single event; give the events of an array their event_id."));
        }

        if (!Ids.IsValid(key))
        {
            return (events, HubError.InvalidId("Idempotency-Key"));
        }

        if (events.TryGetProperty("event_id", out JsonElement given))
        {
            return (events, given.ValueKind == JsonValueKind.String && given.ValueEquals(key) ? null : HubError.Invalid("event_id", "differs from the Idempotency-Key."));
        }

        JsonObject withKey = JsonObject.Create(events)!;
        withKey["event_id"] = key;
        return (JsonSerializer.SerializeToElement(withKey, ContractJson.Default.JsonObject), null);
    }

    /// <summary>Every line is an event and gets a line in answer, in order, while the request is still being sent.</summary>
    private static async Task PublishLinesAsync(HttpContext context, Principal principal, StreamId stream, EventPublisher publisher)
    {
        // A publisher may stream for hours, and think for minutes between two events.
        context.Features.Get<IHttpMaxRequestBodySizeFeature>()?.MaxRequestBodySize = null;
        context.Features.Get<IHttpMinRequestBodyDataRateFeature>()?.MinDataRate = null;
        context.Response.ContentType = JsonLines.ContentType;
        PipeWriter answer = context.Response.BodyWriter;
        await foreach (PublishResult result in publisher.PublishLinesAsync(principal, stream, JsonLines.ReadAsync(context.Request.BodyReader, context.RequestAborted), context.RequestAborted))
        {
            answer.Write(JsonSerializer.SerializeToUtf8Bytes(result, ContractJson.Default.PublishResult));
            answer.Write("\n"u8);
            await answer.FlushAsync(context.RequestAborted);
        }
    }
}
