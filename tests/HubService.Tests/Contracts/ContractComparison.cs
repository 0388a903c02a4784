using System.Text.Json.Nodes;

namespace HubService.Tests.Contracts;

/// <summary>Finds what breaks a client between two versions of the contract.</summary>
internal static class ContractComparison
{
    /// <summary>Each break as <c>place: what</c>; empty when every client of the old contract goes on with the new one.</summary>
    public static IReadOnlyList<string> Breaks(JsonObject old, JsonObject now)
    {
        List<string> breaks = [];
        Events(old, now, breaks);
        Hubs(old, now, breaks);
        Errors(old, now, breaks);
        Types(old, now, breaks);
        return breaks;
    }

    private static void Events(JsonObject old, JsonObject now, List<string> breaks)
    {
        foreach ((string kind, JsonNode? events) in (JsonObject)old["events"]!)
        {
            foreach ((string type, JsonNode? before) in (JsonObject)events!)
            {
                if (now["events"]![kind]?[type] is not { } after)
                {
                    breaks.Add($"{type}: the event is gone");
                }
                else if (!JsonNode.DeepEquals(before, after))
                {
                    breaks.Add($"{type}: the event was {before!.ToJsonString()}, is {after.ToJsonString()}");
                }
            }
        }
    }

    private static void Hubs(JsonObject old, JsonObject now, List<string> breaks)
    {
        SchemaComparison sent = new(sent: true, received: false, breaks), received = new(sent: false, received: true, breaks);
        foreach ((string hub, JsonNode? before) in (JsonObject)old["hubs"]!)
        {
            foreach ((string method, JsonNode? was) in (JsonObject)before!["methods"]!)
            {
                if (now["hubs"]![hub]?["methods"]![method] is not { } call)
                {
                    breaks.Add($"{hub} {method}: the method is gone");
                    continue;
                }

                if ((bool)was!["stream"]! != (bool)call["stream"]!)
                {
                    breaks.Add($"{hub} {method}: its answer is another kind of call");
                }

                Parameters($"{hub} {method}", (JsonArray)was["parameters"]!, (JsonArray)call["parameters"]!, sent, breaks);
                received.Compare($"{hub} {method} answer", (JsonObject)was["result"]!, (JsonObject)call["result"]!);
            }

            foreach ((string request, JsonNode? was) in (JsonObject)before["asks_workers"]!)
            {
                if (now["hubs"]![hub]?["asks_workers"]![request] is JsonObject asks)
                {
                    received.Compare($"{hub} {request}", (JsonObject)was!, asks);
                }
                else
                {
                    breaks.Add($"{hub} {request}: workers are no longer asked");
                }
            }
        }
    }

    /// <summary>By place, as SignalR binds them; a new name is no break.</summary>
    private static void Parameters(string path, JsonArray old, JsonArray now, SchemaComparison comparison, List<string> breaks)
    {
        for (int i = 0; i < Math.Max(old.Count, now.Count); i++)
        {
            string place = $"{path} {(string)(i < now.Count ? now : old)[i]!["name"]!}";
            if (i >= now.Count)
            {
                breaks.Add($"{place}: the parameter is gone");
                continue;
            }

            if ((bool)now[i]!["required"]! && (i >= old.Count || !(bool)old[i]!["required"]!))
            {
                breaks.Add($"{place}: is required now");
            }

            if (i < old.Count)
            {
                comparison.Compare(place, (JsonObject)old[i]!["schema"]!, (JsonObject)now[i]!["schema"]!);
            }
        }
    }

    private static void Errors(JsonObject old, JsonObject now, List<string> breaks)
    {
        foreach ((string code, JsonNode? before) in (JsonObject)old["errors"]!)
        {
            if (!JsonNode.DeepEquals(before, now["errors"]![code]))
            {
                breaks.Add($"{code}: the error was {before!.ToJsonString()}, is {now["errors"]![code]?.ToJsonString() ?? "gone"}");
            }
        }
    }

    private static void Types(JsonObject old, JsonObject now, List<string> breaks)
    {
        HashSet<string> sent = Names(old, "sent"), received = Names(old, "received");
        foreach ((string name, JsonNode? before) in (JsonObject)old["$defs"]!)
        {
            if (now["$defs"]![name] is JsonObject after)
            {
                bool envelope = !sent.Contains(name) && !received.Contains(name);
                new SchemaComparison(sent.Contains(name), envelope || received.Contains(name), breaks).Compare(name, (JsonObject)before!, after);
            }
            else
            {
                breaks.Add($"{name}: the type is gone");
            }
        }
    }

    private static HashSet<string> Names(JsonObject contract, string list) => [.. ((JsonArray)contract[list]!).Select(n => (string)n!)];
}
