using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Text.Json;
using HubService.Contracts;
using HubService.Contracts.Schema;

namespace HubService.Validation;

/// <summary>The JSON body of a request, read within the limits; what is wrong with it is an error of the contract.</summary>
internal sealed class JsonBody
{
    /// <summary>The largest body, in bytes: a full publish with room for its envelope.</summary>
    public const int MaxBytes = 1024 * 1024 + 64 * 1024;

    private static readonly JsonDocumentOptions Options = new() { MaxDepth = ContractJson.MaxDepth + 8, AllowDuplicateProperties = false };

    private JsonBody(JsonElement json, HubError? error)
    {
        Json = json;
        Error = error;
    }

    /// <summary>Stands for a body that was not read because it is too large.</summary>
    public static JsonBody TooLong { get; } = new(default, new HubError(ErrorCodes.PayloadTooLarge, $"At most {MaxBytes} bytes are allowed.").With("limit", MaxBytes));

    public JsonElement Json { get; }

    public HubError? Error { get; }

    /// <summary>Binds an endpoint's parameter.</summary>
    public static async ValueTask<JsonBody?> BindAsync(HttpContext context, ParameterInfo parameter) => await ReadAsync(context.Request);

    public static async ValueTask<JsonBody> ReadAsync(HttpRequest request)
    {
        if (request.ContentLength > MaxBytes)
        {
            return TooLong;
        }

        CancellationToken aborted = request.HttpContext.RequestAborted;
        using var bytes = new MemoryStream();
        byte[] buffer = new byte[16 * 1024];
        int read;
        while ((read = await request.Body.ReadAsync(buffer, aborted)) > 0)
        {
            if (bytes.Length + read > MaxBytes)
            {
                return TooLong;
            }

            bytes.Write(buffer, 0, read);
        }

        return Parse(bytes.GetBuffer().AsMemory(0, (int)bytes.Length));
    }

    /// <summary>Parses one JSON text; a name that stands twice in one object is refused.</summary>
    public static JsonBody Parse(ReadOnlyMemory<byte> utf8)
    {
        if (!System.Text.Unicode.Utf8.IsValid(utf8.Span))
        {
            return new JsonBody(default, new HubError(ErrorCodes.InvalidJson, "The body is not valid UTF-8."));
        }

        try
        {
            using JsonDocument document = JsonDocument.Parse(utf8, Options);
            return new JsonBody(document.RootElement.Clone(), null);
        }
        catch (JsonException e) when (e.Message.Contains("maximum configured depth", StringComparison.Ordinal))
        {
            return new JsonBody(default, new HubError(ErrorCodes.NestingTooDeep, "The body is nested too deeply."));
        }
        catch (JsonException e)
        {
            // Without a place it is a name that stands twice in one object.
            string where = e.LineNumber is { } line ? $"at line {line + 1}, byte {e.BytePositionInLine + 1}" : "a name stands twice in one object";
            return new JsonBody(default, new HubError(ErrorCodes.InvalidJson, $"The body is not valid JSON: {where}."));
        }
        catch (InvalidOperationException)
        {
            return new JsonBody(default, new HubError(ErrorCodes.InvalidJson, "The body holds a name that is not valid UTF-16 text."));
        }
    }

    /// <summary>Reads a request of the contract; the error names the field.</summary>
    public bool TryRead<TRequest>([NotNullWhen(true)] out TRequest? request, [NotNullWhen(false)] out HubError? error)
        where TRequest : class
    {
        request = null;
        if (Error is not null)
        {
            error = Error;
            return false;
        }

        return PayloadReader.TryRead(Json, out request, out error);
    }
}
