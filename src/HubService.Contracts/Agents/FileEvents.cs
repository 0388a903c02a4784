using HubService.Contracts.Schema.Rules;

namespace HubService.Contracts.Agents;

/// <summary>A file by reference; content above 64 KB never travels inline.</summary>
public sealed record FileRef(string Uuid, string Name, string Url);

/// <summary>A file was chosen for the conversation.</summary>
public sealed record FileSelected(FileRef File, [Share] double? Progress = null, string? Error = null);

/// <summary>A file is being worked on.</summary>
/// <param name="Progress">0 to 1.</param>
public sealed record FileProcessing(FileRef File, [Share] double? Progress = null, string? Error = null);

/// <summary>A file is ready.</summary>
public sealed record FileComplete(FileRef File, [Share] double? Progress = null, string? Error = null);

/// <summary>A file could not be processed.</summary>
/// <param name="Error">Why, for a person to read.</param>
public sealed record FileError(FileRef File, [Share] double? Progress = null, string? Error = null);
