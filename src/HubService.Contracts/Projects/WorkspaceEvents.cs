using System.Text.Json;
using System.Text.Json.Nodes;
using HubService.Contracts.Schema.Rules;

namespace HubService.Contracts.Projects;

/// <summary>The project's files as they are now.</summary>
public sealed record FileTreeUpdate(IReadOnlyList<ProjectFile> Files);

/// <param name="Path">Relative to the project, with forward slashes.</param>
/// <param name="Type"><c>file</c> or <c>directory</c>.</param>
/// <param name="Size">Bytes.</param>
public sealed record ProjectFile(string Path, string Type, long Size, string? Sha = null);

public sealed record ArtifactAdded(Artifact Artifact);

/// <param name="Type">E.g. <c>confusion_matrix</c>.</param>
public sealed record Artifact(string Id, string Type, string Name, string Url, JsonObject? Meta = null);

public sealed record ReportReady(string AssetUrl);

public sealed record NotebookReady(string AssetUrl);

public sealed record CodeWorkspaceReady(IReadOnlyList<ProjectFile> Files);

public sealed record EditSuggestions(IReadOnlyList<JsonElement> Suggestions);

/// <summary>How far the export is.</summary>
/// <param name="Pct">Share 0 to 1, or percent 0 to 100, as the pipeline counts.</param>
public sealed record ExportProgress([Percent] double Pct, string Message);

/// <param name="Contents">The file names inside.</param>
/// <param name="Checksum">E.g. <c>sha256:…</c>.</param>
public sealed record ExportReady(string AssetUrl, IReadOnlyList<string> Contents, string Checksum);
