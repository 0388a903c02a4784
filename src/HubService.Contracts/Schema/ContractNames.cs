using System.Text.Json;

namespace HubService.Contracts.Schema;

/// <summary>The one rule between wire names and C# names.</summary>
public static class ContractNames
{
    /// <summary><c>agent_started</c> and <c>AGENT_STARTED</c> become <c>AgentStarted</c>.</summary>
    public static string ToPascal(string wireName)
    {
        ArgumentNullException.ThrowIfNull(wireName);
        return string.Concat(wireName.Split('_').Select(word => string.Concat(word[..1].ToUpperInvariant(), word[1..].ToLowerInvariant())));
    }

    /// <summary><c>ThreadId</c> and <c>threadId</c> become <c>thread_id</c>.</summary>
    public static string ToWire(string name) => JsonNamingPolicy.SnakeCaseLower.ConvertName(name);
}
