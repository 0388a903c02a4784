using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace HubService.Tests.Access;

/// <summary>Makes tokens by hand, so that wrong ones can be made too.</summary>
internal static class TestToken
{
    public const string Issuer = "dotnet-user-jwts";
    public const string Audience = "http://localhost:5000";
    public const string KeyId = "2c7aa21c";

    public static readonly byte[] Key = SHA256.HashData("a key for tests"u8);

    /// <summary>A good payload, expiring in five minutes.</summary>
    public static JsonObject Claims(DateTimeOffset? now = null)
    {
        long seconds = (now ?? TimeProvider.System.GetUtcNow()).ToUnixTimeSeconds();
        return new JsonObject
        {
            ["unique_name"] = "alice",
            ["sub"] = "alice",
            ["jti"] = "b7d8507d",
            ["tenant"] = "t1",
            ["aud"] = Audience,
            ["nbf"] = seconds,
            ["exp"] = seconds + 300,
            ["iat"] = seconds,
            ["iss"] = Issuer,
        };
    }

    public static JsonObject With(this JsonObject claims, string name, JsonNode? value)
    {
        claims[name] = value;
        return claims;
    }

    public static JsonObject Without(this JsonObject claims, string name)
    {
        claims.Remove(name);
        return claims;
    }

    public static JsonObject Header(string alg = "HS256", string? kid = null)
    {
        JsonObject header = new() { ["alg"] = alg, ["typ"] = "JWT" };
        return kid is null ? header : header.With("kid", kid);
    }

    public static string Sign(JsonObject? claims = null, JsonObject? header = null, byte[]? key = null) =>
        SignRaw((header ?? Header()).ToJsonString(), (claims ?? Claims()).ToJsonString(), key ?? Key);

    public static string SignRaw(string header, string payload, byte[] key)
    {
        string body = Body(header, payload);
        byte[] data = Encoding.ASCII.GetBytes(body);
        byte[] signature = header.Contains("HS512", StringComparison.Ordinal) ? HMACSHA512.HashData(key, data)
            : header.Contains("HS384", StringComparison.Ordinal) ? HMACSHA384.HashData(key, data)
            : HMACSHA256.HashData(key, data);
        return $"{body}.{Base64Url.EncodeToString(signature)}";
    }

    public static string Sign(JsonObject claims, JsonObject header, Func<byte[], byte[]> sign)
    {
        string body = Body(header.ToJsonString(), claims.ToJsonString());
        return $"{body}.{Base64Url.EncodeToString(sign(Encoding.ASCII.GetBytes(body)))}";
    }

    public static string Body(string header, string payload) =>
        $"{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(header))}.{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(payload))}";
}
