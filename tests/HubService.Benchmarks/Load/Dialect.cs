using System.Text;

namespace HubService.Benchmarks.Load;

/// <summary>How a server is spoken to; the events are the same for all of them.</summary>
/// <param name="Path">Its hub.</param>
/// <param name="JoinMethod">Takes a group, and for a replay a position.</param>
internal sealed record Dialect(string Name, string Path, string JoinMethod)
{
    /// <summary>The plain hub of comparison: <c>Join(group)</c>, <c>Publish(group, event)</c>.</summary>
    public static readonly Dialect Bare = new("bare", "/hub", "Join");

    /// <summary>Projects of the service: a group is one project's stream.</summary>
    public static readonly Dialect Hub = new("hub", "/hubs/project", "Subscribe");

    public static Dialect Named(string name) => name == Hub.Name ? Hub : Bare;

    public string Join(string group, string? position = null) =>
        $$"""{"type":1,"invocationId":"join","target":"{{JoinMethod}}","arguments":["{{group}}"{{(position is null ? "" : $",\"{position}\"")}}]}""";

    /// <param name="events">JSON objects divided by commas.</param>
    /// <param name="invocation">With one the server answers; null: it does not.</param>
    public string Publish(string group, string events, string? invocation)
    {
        string id = invocation is null ? "" : $"\"invocationId\":\"{invocation}\",";
        string argument = this == Hub ? $"[{events}]" : events;
        return $$"""{"type":1,{{id}}"target":"Publish","arguments":["{{group}}",{{argument}}]}""";
    }

    /// <summary>A log line, as JSON of so many bytes at least, whose text begins with a place for the marker.</summary>
    /// <param name="placeholder">As long as a marker.</param>
    public static string Event(string placeholder, int bytes)
    {
        string start = $$"""{"name":"LOG_LINE","payload":{"run_id":"system","level":"info","text":"{{placeholder}}""";
        const string End = "\"}}";
        return new StringBuilder(start).Append('x', Math.Max(0, bytes - start.Length - End.Length)).Append(End).ToString();
    }
}
