using System.Text.Json.Nodes;

namespace HubService.Tests.Contracts;

/// <summary>Every kind of change to the contract, as it would come out of changed records.</summary>
internal static class ContractMutations
{
    /// <summary>Each answers with the place that the comparison must name.</summary>
    public static IReadOnlyDictionary<string, Func<JsonObject, string>> Breaking { get; } = new Dictionary<string, Func<JsonObject, string>>
    {
        ["an event is removed"] = c => Remove(c["events"]!["agent"]!, "custom", "custom:"),
        ["a session event is removed"] = c => Remove(c["events"]!["session"]!, "reset", "reset:"),
        ["an event moves to another client method"] = c => Set(c["events"]!["agent"]!["custom"]!, "client_method", "Other", "custom:"),
        ["an event takes another payload"] = c => Set(c["events"]!["agent"]!["system_message"]!, "payload", "WarningMessage", "system_message:"),
        ["an event is no longer critical"] = c => Set(c["events"]!["agent"]!["agent_started"]!, "critical", false, "agent_started:"),
        ["a field of a payload is removed"] = c => Remove(Fields(c, "AgentStarted"), "task", "AgentStarted.task:"),
        ["a field of a command is removed"] = c => Remove(Fields(c, "SendMessage"), "target", "SendMessage.target:"),
        ["a field of an answer is removed"] = c => Remove(Fields(c, "SubscribeResult"), "replayed", "SubscribeResult.replayed:"),
        ["a payload gets a required field"] = c => AddRequired(c, "StatusUpdate", "brand_new"),
        ["a command gets a required field"] = c => AddRequired(c, "StartAgent", "brand_new"),
        ["an optional field of a payload becomes required"] = c => Require(c, "AgentError", "retry_after_ms"),
        ["an optional field of a command becomes required"] = c => Require(c, "CreateThread", "members"),
        ["an answer may leave a field out"] = c => Unrequire(c, "PublishResult", "duplicate"),
        ["a payload may leave a field out"] = c => Unrequire(c, "ToolCompleted", "duration_ms"),
        ["a field changes its type"] = c => Set(Fields(c, "StageState")["index"]!, "type", "string", "StageState.index:"),
        ["a number of a payload becomes an integer"] = c => Set(Fields(c, "ResourceStats")["ram_mb"]!, "type", "integer", "ResourceStats.ram_mb:"),
        ["a field points at another record"] = c => Set(Fields(c, "FileSelected")["file"]!, "$ref", "#/$defs/Artifact", "FileSelected.file:"),
        ["the items of a list change"] = c => Set(Fields(c, "FileTreeUpdate")["files"]!["items"]!, "$ref", "#/$defs/FileRef", "FileTreeUpdate.files[]:"),
        ["an answer may be null"] = c => Set(Fields(c, "ThreadInfo")["owner"]!, "type", new JsonArray("string", "null"), "ThreadInfo.owner:"),
        ["null is no longer accepted"] = c => Set(Fields(c, "SendMessage")["target"]!, "type", "string", "SendMessage.target:"),
        ["a value of an enum is removed"] = c => RemoveLast(c["$defs"]!["RunStatus"]!["enum"]!, "RunStatus:"),
        ["a stage status is removed"] = c => RemoveLast(Fields(c, "StageRef")["status"]!["enum"]!, "StageRef.status:"),
        ["a free text of a command becomes one of a list"] = c => Set(Fields(c, "SendMessage")["message_id"]!, "enum", new JsonArray("a"), "SendMessage.message_id:"),
        ["a listed text of an answer becomes free"] = c => Remove(Fields(c, "StageState")["status"]!, "enum", "StageState.status:"),
        ["a text gets a shorter limit"] = c => Set(Fields(c, "SendMessage")["text"]!, "maxLength", 1000, "SendMessage.text:"),
        ["a text may no longer be empty"] = c => Set(Fields(c, "SystemMessage")["text"]!, "minLength", 1, "SystemMessage.text:"),
        ["a number gets a bound"] = c => Set(Fields(c, "ResourceStats")["cpu_pct"]!, "maximum", 100, "ResourceStats.cpu_pct:"),
        ["a text gets a pattern"] = c => Set(Fields(c, "StatusUpdate")["status"]!, "pattern", "^a", "StatusUpdate.status:"),
        ["a payload gets a rule between fields"] = c => Set(c["$defs"]!["ProfileSummary"]!, "anyOf", new JsonArray(new JsonObject { ["required"] = new JsonArray("profile") }, new JsonObject()), "ProfileSummary:"),
        ["a payload loses a rule between fields"] = c => Remove(c["$defs"]!["RocCurveReady"]!, "anyOf", "RocCurveReady:"),
        ["an envelope carries another version"] = c => Set(Fields(c, "AgentEnvelope")["v"]!, "const", 2, "AgentEnvelope.v:"),
        ["a hub method is removed"] = c => Remove(Methods(c), "StopAgent", "/hubs/agent StopAgent:"),
        ["a parameter is removed"] = c => RemoveLast(Methods(c)["StopAgent"]!["parameters"]!, "/hubs/agent StopAgent reason:"),
        ["a parameter becomes required"] = c => Set(Methods(c)["StopAgent"]!["parameters"]![1]!, "required", true, "/hubs/agent StopAgent reason:"),
        ["a parameter changes its type"] = c => Set(Methods(c)["Ping"]!["parameters"]![0]!["schema"]!, "type", "string", "/hubs/agent Ping ts:"),
        ["a method gets a required parameter"] = c => Add(Methods(c)["Heartbeat"]!["parameters"]!, required: true, "/hubs/agent Heartbeat more:"),
        ["a method answers with another record"] = c => Set(Methods(c)["Ping"]!["result"]!, "$ref", "#/$defs/Accepted", "/hubs/agent Ping answer:"),
        ["a call becomes a stream"] = c => Set(Methods(c)["Ping"]!, "stream", true, "/hubs/agent Ping:"),
        ["workers are asked no longer"] = c => Remove(c["hubs"]!["/hubs/agent"]!["asks_workers"]!, "CancelRequested", "/hubs/agent CancelRequested:"),
        ["an error code is removed"] = c => Remove(c["errors"]!, "draining", "draining:"),
        ["an error is no longer retryable"] = c => Set(c["errors"]!["draining"]!, "retryable", false, "draining:"),
        ["a type is removed"] = c => Remove(c["$defs"]!, "PresenceResult", "PresenceResult:"),
    };

    public static IReadOnlyDictionary<string, Action<JsonObject>> Compatible { get; } = new Dictionary<string, Action<JsonObject>>
    {
        ["an event is added"] = c => c["events"]!["agent"]!["agent_paused"] = c["events"]!["agent"]!["custom"]!.DeepClone(),
        ["a type is added"] = c => c["$defs"]!["Brand"] = new JsonObject { ["type"] = "object" },
        ["a payload gets an optional field"] = c => Fields(c, "AgentStarted")["brand_new"] = Text(),
        ["a command gets an optional field"] = c => Fields(c, "SendMessage")["brand_new"] = Text(),
        ["an answer gets a field that is always there"] = c => AddRequired(c, "ThreadInfo", "brand_new"),
        ["an answer always has a field"] = c => Require(c, "Pong", "node"),
        ["a command may leave a field out"] = c => Unrequire(c, "SendMessage", "text"),
        ["a command accepts null"] = c => Set(Fields(c, "StartAgent")["user_request"]!, "type", new JsonArray("string", "null"), ""),
        ["an enum gets a value"] = c => ((JsonArray)c["$defs"]!["RunStatus"]!["enum"]!).Add("paused"),
        ["a text gets a longer limit"] = c => Set(Fields(c, "SendMessage")["text"]!, "maxLength", 64_000, ""),
        ["a text loses its limit"] = c => Remove(Fields(c, "SendMessage")["text"]!, "maxLength", ""),
        ["a description changes"] = c => Set(c["$defs"]!["AgentStarted"]!, "description", "Other words.", ""),
        ["the order of fields changes"] = c => Reverse(c, "AgentStarted"),
        ["a hub method is added"] = c => Methods(c)["Pause"] = Methods(c)["StopAgent"]!.DeepClone(),
        ["a method gets an optional parameter"] = c => Add(Methods(c)["Heartbeat"]!["parameters"]!, required: false, ""),
        ["a parameter may be left out"] = c => Set(Methods(c)["Heartbeat"]!["parameters"]![0]!, "required", false, ""),
        ["a parameter is called otherwise"] = c => Set(Methods(c)["Heartbeat"]!["parameters"]![0]!, "name", "run", ""),
        ["workers are asked for more"] = c => c["hubs"]!["/hubs/agent"]!["asks_workers"]!["Paused"] = new JsonObject { ["$ref"] = "#/$defs/CancelRequest" },
        ["an error code is added"] = c => c["errors"]!["payment_required"] = c["errors"]!["forbidden"]!.DeepClone(),
    };

    private static JsonNode Fields(JsonObject contract, string type) => contract["$defs"]![type]!["properties"]!;

    private static JsonNode Methods(JsonObject contract) => contract["hubs"]!["/hubs/agent"]!["methods"]!;

    private static JsonObject Text() => new() { ["type"] = "string" };

    private static string Remove(JsonNode from, string name, string place)
    {
        Assert.True(from.AsObject().Remove(name), name);
        return place;
    }

    private static string Set(JsonNode on, string name, JsonNode? value, string place)
    {
        on[name] = value;
        return place;
    }

    private static string RemoveLast(JsonNode list, string place)
    {
        list.AsArray().RemoveAt(list.AsArray().Count - 1);
        return place;
    }

    private static string Add(JsonNode parameters, bool required, string place)
    {
        parameters.AsArray().Add(new JsonObject { ["name"] = "more", ["required"] = required, ["stream"] = false, ["schema"] = Text() });
        return place;
    }

    private static string AddRequired(JsonObject contract, string type, string field)
    {
        Fields(contract, type)[field] = Text();
        return Require(contract, type, field);
    }

    private static string Require(JsonObject contract, string type, string field)
    {
        JsonObject schema = contract["$defs"]![type]!.AsObject();
        schema["required"] ??= new JsonArray();
        schema["required"]!.AsArray().Add(field);
        return $"{type}.{field}:";
    }

    private static string Unrequire(JsonObject contract, string type, string field)
    {
        JsonArray required = contract["$defs"]![type]!["required"]!.AsArray();
        Assert.True(required.Remove(required.Single(r => (string)r! == field)), field);
        return $"{type}.{field}:";
    }

    private static void Reverse(JsonObject contract, string type)
    {
        JsonObject fields = Fields(contract, type).AsObject();
        contract["$defs"]![type]!["properties"] = new JsonObject(fields.Reverse().Select(f => KeyValuePair.Create(f.Key, f.Value?.DeepClone())).ToArray());
    }
}
