namespace HubService.Contracts.Agents;

/// <summary>A file by reference; content above 64 KB never travels inline.</summary>
public sealed record FileRef(string Uuid, string Name, string Url);
