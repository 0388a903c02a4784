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

    /// <summary>For what is read and judged by itself: a payload, a command; read-only.</summary>
    public static JsonSerializerOptions Options => Default.Options;

    /// <summary>For what carries events, as a frame or a page does: an event may use the whole depth inside it.</summary>
    public static JsonSerializerOptions Carrier { get; } = new(Options) { MaxDepth = MaxDepth + 16 };
}
