namespace HubService.Benchmarks.Load;

/// <summary>An option is wrong; the message says how it is meant.</summary>
internal sealed class UsageException(string message) : Exception(message);
