using System.Text.Encodings.Web;
using System.Text.Json;

namespace HubService.Contracts;

/// <summary>How the contract is written and read: snake_case, strict numbers, nothing missing, nothing null that may not be.</summary>
public static class ContractJson
{
    /// <summary>The deepest nesting of a message.</summary>
    public const int MaxDepth = 32;

    /// <summary>The source-generated metadata, bound to <see cref="Options"/>.</summary>
    public static ContractJsonContext Default { get; } = new(new JsonSerializerOptions(ContractJsonContext.Default.Options)
    {
        // Nothing here is ever put into HTML; text stays readable and half as long outside Latin scripts.
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });

    /// <summary>For SignalR's JSON protocol, the HTTP endpoints and the client; read-only.</summary>
    public static JsonSerializerOptions Options => Default.Options;
}
