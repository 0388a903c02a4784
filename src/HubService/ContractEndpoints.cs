using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using HubService.Access;
using HubService.Contracts;
using HubService.Contracts.Schema;
using Microsoft.Net.Http.Headers;

namespace HubService;

/// <summary>
/// Serves the contract to whoever asks, without a token: <c>/asyncapi.json</c>, <c>/schemas</c> (the list) and
/// <c>/schemas/{name}.json</c>. The answers change with the service's version alone, so a client may keep them by their ETag.
/// </summary>
internal static class ContractEndpoints
{
    private static readonly JsonSerializerOptions Text = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private static readonly ConcurrentDictionary<string, Document> Schemas = new(StringComparer.Ordinal);
    private static readonly Lazy<Document> AsyncApi = new(static () => new Document(PublishedContract.AsyncApi()));
    private static readonly Lazy<Document> Index = new(static () => Document.Of(PublishedContract.Index(Url)));
    private static readonly Lazy<HashSet<string>> Names = new(static () => PublishedContract.SchemaNames.ToHashSet(StringComparer.Ordinal));

    public static void MapContract(this WebApplication app)
    {
        RouteGroupBuilder documents = app.MapGroup("").AllowAnonymous().ExcludeFromDescription();
        documents.MapGet("/asyncapi.json", static (HttpContext context) => Serve(context, AsyncApi.Value));
        documents.MapGet("/schemas", static (HttpContext context) => Serve(context, Index.Value));
        documents.MapGet("/schemas/{name}.json", static (HttpContext context, string name) =>
            Names.Value.Contains(name)
                ? Serve(context, Schemas.GetOrAdd(name, static n => Document.Of(PublishedContract.Schema(n, Url(n))!)))
                : Answer.Problem(new HubError(ErrorCodes.NotFound, "There is no schema of this name; /schemas lists them.")));
    }

    private static string Url(string name) => $"/schemas/{name}.json";

    private static IResult Serve(HttpContext context, Document document)
    {
        context.Response.Headers.CacheControl = "public, no-cache";
        // A page of any origin may read it, e.g. to validate in development; a page that is allowed more is answered as everywhere.
        context.Response.Headers.AccessControlAllowOrigin = "*";
        return Results.Bytes(document.Bytes, "application/json; charset=utf-8", entityTag: document.Tag);
    }

    private sealed record Document(byte[] Bytes)
    {
        public EntityTagHeaderValue Tag { get; } = new($"\"{Convert.ToHexStringLower(SHA256.HashData(Bytes)[..12])}\"");

        public static Document Of(JsonObject json) => new(JsonSerializer.SerializeToUtf8Bytes(json, Text));
    }
}
