using System.Text.Json;
using System.Text.Json.Serialization;
using HubService.Contracts.Schema.Rules;

namespace HubService.Contracts.Agents;

/// <summary>Any JSON object; large content by URL.</summary>
public abstract record OpenPayload
{
    /// <summary>The whole payload.</summary>
    [JsonExtensionData]
    public Dictionary<string, JsonElement> Fields { get; set; } = [];
}

/// <summary>A question with its answer, e.g. <c>{question, answer}</c>.</summary>
public sealed record QuestionAnswer : OpenPayload;

/// <summary>What to draw, e.g. <c>{chart, series}</c>.</summary>
public sealed record VisualizationData : OpenPayload;

/// <summary>What an analysis found.</summary>
public sealed record AnalysisResult : OpenPayload;

/// <summary>A workflow, e.g. <c>{workflow_id, steps}</c>.</summary>
public sealed record WorkflowGenerated : OpenPayload;

/// <summary>A standard operating procedure, e.g. <c>{sop_id, url}</c>.</summary>
public sealed record SopGenerated : OpenPayload;

/// <summary>The open door for what has no type of its own.</summary>
public sealed record Custom([NotEmpty] string Name, JsonElement Value);
