using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace HubService.Benchmarks.Load.Servers;

/// <summary>A token signed by a key that is made for this run alone, and the settings by which a node accepts it.</summary>
internal static class LoadToken
{
    private const string Issuer = "load";
    private const string Audience = "hubservice-load";

    private static readonly byte[] Key = RandomNumberGenerator.GetBytes(32);

    public static IEnumerable<(string Name, string Value)> Settings =>
    [
        ("Authentication:Schemes:Bearer:ValidAudiences:0", Audience),
        ("Authentication:Schemes:Bearer:SigningKeys:0:Issuer", Issuer),
        ("Authentication:Schemes:Bearer:SigningKeys:0:Value", Convert.ToBase64String(Key)),
    ];

    /// <summary>For a publisher that may also read.</summary>
    public static string Make()
    {
        long now = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();
        string[] roles = ["publisher", "user"], streams = ["project:*", "thread:*"];
        string body = $"{Encode(new { alg = "HS256", typ = "JWT" })}.{Encode(new { sub = "load", tenant = "load", iss = Issuer, aud = Audience, iat = now, nbf = now, exp = now + (12 * 3600), roles, streams })}";
        return $"{body}.{Base64Url.EncodeToString(HMACSHA256.HashData(Key, Encoding.ASCII.GetBytes(body)))}";
    }

    private static string Encode(object part) => Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(part));
}
