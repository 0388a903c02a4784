using System.Text.Json.Nodes;
using HubService.Tests.Access;

namespace HubService.Cluster.Tests.Rig;

/// <summary>Tokens that every node of a scenario accepts, because all are given the same key.</summary>
internal static class HubToken
{
    /// <summary>The settings by which a node knows the tokens.</summary>
    public static IEnumerable<(string Name, string Value)> Settings { get; } =
    [
        ("Authentication:Schemes:Bearer:ValidAudiences:0", TestToken.Audience),
        ("Authentication:Schemes:Bearer:SigningKeys:0:Issuer", TestToken.Issuer),
        ("Authentication:Schemes:Bearer:SigningKeys:0:Value", Convert.ToBase64String(TestToken.Key)),
    ];

    public static string Reader(string subject, string tenant) => Make(subject, tenant, "user");

    public static string Publisher(string subject, string tenant) => Make(subject, tenant, "publisher");

    private static string Make(string subject, string tenant, string role) => TestToken.Sign(TestToken.Claims()
        .With("sub", subject)
        .With("tenant", tenant)
        .With("exp", TimeProvider.System.GetUtcNow().AddHours(3).ToUnixTimeSeconds())
        .With("roles", new JsonArray(role))
        .With("streams", new JsonArray("project:*", "thread:*")));
}
