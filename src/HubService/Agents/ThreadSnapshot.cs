using System.Text.Json.Serialization;

namespace HubService.Agents;

/// <summary>A thread's projection as it is saved.</summary>
internal sealed class ThreadSnapshot
{
    public bool Exists { get; set; }

    public bool Deleted { get; set; }

    public string? Owner { get; set; }

    public string? Title { get; set; }

    public string? Realm { get; set; }

    /// <summary>Unix milliseconds.</summary>
    public long CreatedAt { get; set; }

    public List<string> Members { get; set; } = [];

    /// <summary>Open runs, and runs that a worker was asked for.</summary>
    public Dictionary<string, RunState> Runs { get; set; } = new(StringComparer.Ordinal);

    /// <summary>The newest ended runs, oldest first.</summary>
    public List<string> ClosedRuns { get; set; } = [];

    /// <summary>What people are asked, by request_id.</summary>
    public Dictionary<string, InputRequest> OpenInputs { get; set; } = new(StringComparer.Ordinal);
}

/// <summary>The threads a user owns or is a member of, as it is saved.</summary>
internal sealed class UserSnapshot
{
    /// <summary>By thread id, in the order they came.</summary>
    public Dictionary<string, UserThread> Threads { get; set; } = new(StringComparer.Ordinal);
}

/// <param name="CreatedAt">Unix milliseconds.</param>
internal sealed record UserThread(string? Title, string Owner, IReadOnlyList<string> Members, string? Realm, long CreatedAt);

[JsonSerializable(typeof(ThreadSnapshot))]
[JsonSerializable(typeof(UserSnapshot))]
[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault)]
internal sealed partial class AgentStateJson : JsonSerializerContext;
