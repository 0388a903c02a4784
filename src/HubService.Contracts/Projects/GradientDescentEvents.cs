using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using HubService.Contracts.Schema.Rules;

namespace HubService.Contracts.Projects;

// These payloads mix snake_case with camelCase; the names are kept as their clients read them.

/// <summary>Norms of one optimisation step.</summary>
/// <param name="Diagnostics">Numbers: <c>lr</c>, <c>weight_l2</c>, <c>grad_l2</c>, <c>update_l2</c>, <c>batch_size</c>.</param>
public sealed record GdDiagnostic(string RunId, [NotNegative] long Step, JsonObject Diagnostics);

public sealed record LossSurfaceSpecReady(string RunId, SurfaceSpec SurfaceSpec);

/// <summary>A loss surface that the client computes itself.</summary>
/// <param name="Kind">E.g. <c>bowl</c>.</param>
/// <param name="DomainHalf">The surface spans minus this to plus this on both axes.</param>
public sealed record SurfaceSpec(
    string Kind,
    JsonObject? Params = null,
    [property: JsonPropertyName("domainHalf")] double? DomainHalf = null,
    [property: JsonPropertyName("zScale")] double? ZScale = null);

/// <summary>A loss surface as a grid by URL.</summary>
/// <param name="GridFormat">E.g. <c>float32</c>.</param>
/// <param name="Resolution">Points per axis.</param>
public sealed record LossSurfaceGridReady(
    string RunId,
    string AssetUrl,
    string GridFormat,
    int Resolution,
    [property: JsonPropertyName("domainHalf")] double? DomainHalf = null,
    [property: JsonPropertyName("zScale")] double? ZScale = null);

/// <param name="Space">E.g. <c>normalized</c>.</param>
public sealed record GdPathStarted(
    string RunId,
    string Space,
    SurfacePoint Point0,
    [property: JsonPropertyName("domainHalf")] double? DomainHalf = null);

public sealed record GdPathUpdate(string RunId, string Space, [NotNegative] long StepStart, IReadOnlyList<SurfacePoint> Points);

public sealed record SurfacePoint(double X, double Y);

/// <param name="Reason"><c>converged</c>, <c>max_steps</c>, <c>cancelled</c> or <c>error</c>.</param>
public sealed record GdPathFinished(string RunId, long FinalStep, string Reason);

/// <param name="Eta">Learning rate.</param>
public sealed record GdHyperparams(
    string RunId,
    double Eta,
    long Steps,
    [property: JsonPropertyName("tolGrad")] double? TolGrad = null,
    [property: JsonPropertyName("tolStep")] double? TolStep = null);
