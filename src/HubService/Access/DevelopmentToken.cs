using System.Text.Json.Serialization;

namespace HubService.Access;

/// <summary>What a development token shall say; whatever is missing gets a default.</summary>
internal sealed record DevelopmentTokenRequest(
    string? Subject = null,
    IReadOnlyList<string>? Roles = null,
    IReadOnlyList<string>? Realms = null,
    IReadOnlyList<string>? Streams = null,
    string? Tenant = null);

/// <summary>A development token and what it says.</summary>
internal sealed record DevelopmentToken(string AccessToken, string TokenType, DateTimeOffset ExpiresAt, string Subject, string Tenant);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(DevelopmentTokenRequest))]
[JsonSerializable(typeof(DevelopmentToken))]
internal sealed partial class DevelopmentTokenJson : JsonSerializerContext;
