using System.Buffers;
using System.Buffers.Text;
using System.Text.Json;

namespace HubService.Access;

/// <summary>
/// What can be said about a token before any cryptography: a compact signed token of bounded size, with a header that asks
/// for nothing unusual (RFC 8725). Its values are the sender's word only.
/// </summary>
internal sealed record TokenShape(string Algorithm, string? KeyId, string? Issuer, long NotBefore, long IssuedAt, double Expires)
{
    public const int MaxBytes = 8 * 1024;
    private const int MaxClaims = 64;

    private static readonly SearchValues<char> Alphabet = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.");
    private static readonly JsonDocumentOptions Strict = new() { MaxDepth = 8, AllowDuplicateProperties = false };

    /// <summary>The shape, or null and the reason why it is not acceptable.</summary>
    public static TokenShape? Read(string token, out string reason)
    {
        reason = "malformed";
        if (token.Length > MaxBytes)
        {
            reason = "longer than 8 KB";
            return null;
        }

        if (token.AsSpan().ContainsAnyExcept(Alphabet))
        {
            return null;
        }

        string[] parts = token.Split('.');
        if (parts.Length != 3 || Array.Exists(parts, p => p.Length == 0))
        {
            reason = parts.Length == 5 ? "encrypted tokens are not accepted" : "not a signed token of three parts";
            return null;
        }

        try
        {
            using JsonDocument header = JsonDocument.Parse(Base64Url.DecodeFromChars(parts[0]), Strict);
            using JsonDocument payload = JsonDocument.Parse(Base64Url.DecodeFromChars(parts[1]), Strict);
            return Read(header.RootElement, payload.RootElement, out reason);
        }
        catch (Exception e) when (e is JsonException or FormatException or InvalidOperationException)
        {
            return null;
        }
    }

    private static TokenShape? Read(JsonElement header, JsonElement payload, out string reason)
    {
        reason = "header and payload must be objects";
        if (header.ValueKind != JsonValueKind.Object || payload.ValueKind != JsonValueKind.Object)
        {
            return null;
        }

        foreach (JsonProperty p in header.EnumerateObject())
        {
            // Everything else (jku, jwk, x5u, x5c, crit, zip, cty …) asks the reader to trust the sender.
            if (p.Name is not ("alg" or "typ" or "kid" or "x5t" or "x5t#S256"))
            {
                reason = "header field not accepted";
                return null;
            }
        }

        if (Text(header, "typ") is { } typ && !typ.Equals("JWT", StringComparison.OrdinalIgnoreCase) && !typ.Equals("at+jwt", StringComparison.OrdinalIgnoreCase))
        {
            reason = "not of type JWT";
            return null;
        }

        if (Text(header, "alg") is not { } algorithm)
        {
            reason = "no algorithm";
            return null;
        }

        if (payload.EnumerateObject().Count() > MaxClaims)
        {
            reason = "too many claims";
            return null;
        }

        if (!payload.TryGetProperty("exp", out JsonElement exp) || exp.ValueKind != JsonValueKind.Number || exp.GetDouble() is not (> 0 and < 253402300800))
        {
            reason = "no expiry";
            return null;
        }

        return new TokenShape(algorithm, Text(header, "kid"), Text(payload, "iss"), Time(payload, "nbf"), Time(payload, "iat"), exp.GetDouble());
    }

    private static string? Text(JsonElement of, string name) => of.TryGetProperty(name, out JsonElement value) ? value.GetString() : null;

    private static long Time(JsonElement of, string name) => of.TryGetProperty(name, out JsonElement value) ? checked((long)Math.Clamp(value.GetDouble(), 0, 1e15)) : 0;
}
