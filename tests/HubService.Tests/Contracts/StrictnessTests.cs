using System.Text.Json;
using HubService.Contracts;
using HubService.Contracts.Agents;
using HubService.Contracts.Schema;

namespace HubService.Tests.Contracts;

public class StrictnessTests
{
    [Theory]
    [InlineData("tool_executing", """{"tool_name":"x"}""", "payload.tool_call_id", "is required")]
    [InlineData("tool_executing", """{"tool_call_id":"c","tool_name":null}""", "payload.tool_name", "must not be null")]
    [InlineData("tool_executing", """{"tool_call_id":"","tool_name":"x"}""", "payload.tool_call_id", "must not be empty")]
    [InlineData("tool_executing", """{"tool_call_id":7,"tool_name":"x"}""", "payload.tool_call_id", "wrong type")]
    [InlineData("tool_executing", """{"tool_call_id":"c","tool_name":"x","parameters":[]}""", "payload.parameters", "wrong type")]
    [InlineData("tool_completed", """{"tool_call_id":"c","tool_name":"x","status":"ok","duration_ms":"5"}""", "payload.duration_ms", "wrong type")]
    [InlineData("tool_completed", """{"tool_call_id":"c","tool_name":"x","status":"ok","duration_ms":-1}""", "payload.duration_ms", "must not be negative")]
    [InlineData("tool_completed", """{"tool_call_id":"c","tool_name":"x","status":"OK","duration_ms":5}""", "payload.status", "must be one of abandoned, error, ok")]
    [InlineData("tool_completed", """{"tool_call_id":"c","tool_name":"x","status":0,"duration_ms":5}""", "payload.status", "must be one of")]
    [InlineData("agent_thinking", """{"thought":"hm","progress":33}""", "payload.progress", "must be between 0 and 1")]
    [InlineData("agent_streaming", """{"message_id":"m","delta":"a","stream_index":-1}""", "payload.stream_index", "must not be negative")]
    [InlineData("agent_streaming", """{"message_id":"m","delta":"a","stream_index":0.5}""", "payload.stream_index", "wrong type")]
    [InlineData("file_selected", """{"file":{"uuid":"f","name":"a.csv"}}""", "payload.file.url", "is required")]
    [InlineData("agent_message", """{"message_id":"m","role":"user","text":"a","attachments":[{"uuid":"f","name":"a.csv"}]}""", "payload.attachments[0].url", "is required")]
    [InlineData("input_requested", """{"request_id":"r","prompt":"p","expires_at":"soon"}""", "payload.expires_at", "must be an ISO 8601 time")]
    [InlineData("question_answer", "[]", "payload", "must be an object")]
    [InlineData("tool_executing", """{"tool_call_id":"c","tool_call_id":"d","tool_name":"x"}""", "payload.tool_call_id", "stands twice")]
    [InlineData("tool_executing", """{"tool_call_id":"\ud800","tool_name":"x"}""", "payload.tool_call_id", "wrong type")]
    [InlineData("tool_completed", """{"tool_call_id":"c","tool_name":"x","status":"ok","duration_ms":1e999}""", "payload.duration_ms", "must not be")]
    [InlineData("STAGE_STATUS", """{"stage_id":"TRAIN","status":"running"}""", "payload.status", "must be one of PENDING")]
    [InlineData("BEST_MODEL_UPDATED", """{"run_id":"r","model_id":"m","metric":"0.9"}""", "payload.metric", "must be a number or")]
    [InlineData("BEST_MODEL_UPDATED", """{"run_id":"r","model_id":"m","metric":1e999}""", "payload.metric", "must not be beyond")]
    [InlineData("BEST_MODEL_UPDATED", """{"run_id":"r","model_id":"m","metric":{"value":-1e999}}""", "payload.metric", "must not be beyond")]
    [InlineData("ROC_CURVE_READY", """{"run_id":"r"}""", "payload.asset_url", "must be set")]
    [InlineData("agent_error", """{"code":"c","message":"m","recoverable":true,"recovery_suggestions":["a",null]}""", "payload.recovery_suggestions[1]", "must not be null")]
    [InlineData("agent_message", """{"message_id":"m","role":"user","text":"a","attachments":[null]}""", "payload.attachments[0]", "must not be null")]
    [InlineData("CONFUSION_MATRIX_READY", """{"matrix":[[1,2],null]}""", "payload.matrix[1]", "must not be null")]
    [InlineData("agent_started", """{"agent_name":"a","parent_run_id":"run 1"}""", "payload.parent_run_id", "must be 1 to 128 letters")]
    public void A_refusal_names_the_field_and_the_rule(string type, string json, string field, string rule)
    {
        HubError? error = Read(type, json);
        Assert.NotNull(error);
        Assert.Equal(ErrorCodes.InvalidMessage, error.Code);
        Assert.Equal(field, error.Details!["field"]!.GetValue<string>());
        Assert.Contains(rule, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("HubService", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("tool_executing", """{"tool_call_id":"c","tool_name":"x","extra":{"a":1}}""")]
    [InlineData("agent_thinking", """{"thought":"hm","progress":null}""")]
    [InlineData("custom", """{"name":"cleared","value":null}""")]
    [InlineData("sop_generated", "{}")]
    [InlineData("LOG_LINE", """{"run_id":"r","level":"WARN","text":"t"}""")]
    [InlineData("TRAIN_PROGRESS", """{"run_id":"r","epoch":1,"epochs":1,"step":1,"steps":50,"eta_s":null,"phase":"fit"}""")]
    [InlineData("STAGE_STATUS", """{"steps":["Scale"],"step_count":1,"anything":true}""")]
    public void Extra_fields_and_documented_variants_are_accepted(string type, string json) => Assert.Null(Read(type, json));

    [Fact]
    public void A_field_that_stands_twice_is_refused() =>
        Assert.Throws<JsonException>(() => JsonSerializer.Deserialize<FileRef>("""{"uuid":"a","uuid":"b","name":"n","url":"u"}""", ContractJson.Options));

    [Fact]
    public void Nesting_beyond_the_limit_is_refused()
    {
        string deep = new string('[', ContractJson.MaxDepth + 1) + new string(']', ContractJson.MaxDepth + 1);
        Assert.Throws<JsonException>(() => JsonSerializer.Deserialize<JsonElement>(deep, ContractJson.Options));
        Assert.True(ContractJson.Options.IsReadOnly);
    }

    [Fact]
    public void An_enum_is_written_in_snake_case() =>
        Assert.Equal("\"abandoned\"", JsonSerializer.Serialize(RunStatus.Abandoned, ContractJson.Default.RunStatus));

    [Fact]
    public void Characters_are_counted_as_people_count_them()
    {
        Assert.True(PayloadReader.TryRead<SendMessage>(Text("😀", 32_000), out _, out _));
        Assert.False(PayloadReader.TryRead<SendMessage>(Text("😀", 32_001), out _, out HubError? error));
        Assert.Equal("text: must have 1 to 32,000 characters", error.Message);

        static JsonElement Text(string character, int times) => JsonSerializer.SerializeToElement(new { text = string.Concat(Enumerable.Repeat(character, times)) });
    }

    [Fact]
    public void A_command_is_checked_like_a_payload()
    {
        Assert.False(PayloadReader.TryRead<SendMessage>(JsonElement.Parse("""{"thread_id":"t"}"""), out _, out HubError? missing));
        Assert.Equal("text: is required", missing.Message);
        Assert.False(PayloadReader.TryRead<SendMessage>(JsonElement.Parse("""{"text":""}"""), out _, out HubError? empty));
        Assert.Equal("text: must have 1 to 32,000 characters", empty.Message);
        Assert.True(PayloadReader.TryRead(JsonElement.Parse("""{"text":"hi","target":"guide"}"""), out SendMessage? message, out _));
        Assert.Equal("guide", message.Target);
    }

    private static HubError? Read(string type, string json)
    {
        Assert.True(ContractCatalog.Agents.TryGet(type, out EventDefinition? d) || ContractCatalog.Projects.TryGet(type, out d));
        d!.TryRead(JsonElement.Parse(json), out _, out HubError? error);
        return error;
    }
}
