using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace HubService.Contracts;

/// <summary>Why an input was refused: the same on every surface.</summary>
/// <param name="Code">One of <see cref="ErrorCodes"/>.</param>
/// <param name="Message">For a developer to read; names the field where one is at fault.</param>
/// <param name="Retryable">True when the same request may succeed later.</param>
/// <param name="Details">Code-specific facts, e.g. <c>field</c>, <c>limit</c>, <c>retry_after_ms</c>, <c>applied</c>.</param>
/// <param name="TraceId">Finds the request in the traces.</param>
[method: JsonConstructor]
public sealed record HubError(string Code, string Message, bool Retryable, JsonObject? Details = null, string? TraceId = null)
{
    public HubError(string code, string message)
        : this(code, message, ErrorCodes.IsRetryable(code))
    {
    }

    /// <summary>The same error with one more detail.</summary>
    public HubError With(string name, JsonNode? value)
    {
        JsonObject details = Details is null ? [] : (JsonObject)Details.DeepClone();
        details[name] = value;
        return this with { Details = details };
    }

    /// <summary>An <c>invalid_message</c> that names the field, e.g. <c>payload.tool_name</c>.</summary>
    public static HubError Invalid(string field, string message) =>
        new HubError(ErrorCodes.InvalidMessage, $"{field}: {message}").With("field", field);

    /// <summary>An <c>invalid_message</c> for a field that holds no id; <see cref="Ids.IsValid"/> tells.</summary>
    public static HubError InvalidId(string field) => Invalid(field, "1 to 128 letters, digits, dots, underscores or hyphens.");
}
