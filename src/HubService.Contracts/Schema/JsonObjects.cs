using System.Text.Json.Nodes;

namespace HubService.Contracts.Schema;

/// <summary>What the writers do to JSON objects.</summary>
internal static class JsonObjects
{
    /// <summary>Moves every member to the end of the target, or in place of its member of that name; leaves the source empty.</summary>
    /// <returns>The target.</returns>
    public static JsonObject MoveInto(this JsonObject source, JsonObject target)
    {
        foreach ((string key, JsonNode? value) in source.ToArray())
        {
            source.Remove(key);
            target[key] = value;
        }

        return target;
    }

    /// <summary>Adds the text under the key; nothing when there is none.</summary>
    public static void AddText(this JsonObject target, string key, string? text)
    {
        if (text is not null)
        {
            target[key] = text;
        }
    }
}
