namespace HubService.Agents;

/// <summary>A run as the thread's events tell it.</summary>
internal sealed class RunState
{
    public required string AgentName { get; init; }

    /// <summary>Unix milliseconds: when it was started, or asked for.</summary>
    public required long Since { get; init; }

    /// <summary>The user it works for.</summary>
    public string? UserId { get; init; }

    /// <summary>False while a worker has been asked, but has not published <c>agent_started</c> yet.</summary>
    public bool Started { get; set; }

    /// <summary>Calls that were opened, with when; a closed one stays with null, so that its id is not used twice.</summary>
    public Dictionary<string, OpenCall?> Calls { get; init; } = new(StringComparer.Ordinal);

    public IEnumerable<KeyValuePair<string, OpenCall>> OpenCalls =>
        Calls.Where(c => c.Value is not null).Select(c => KeyValuePair.Create(c.Key, c.Value!));
}

/// <summary>A tool call under way.</summary>
/// <param name="Since">Unix milliseconds.</param>
internal sealed record OpenCall(string ToolName, long Since);
