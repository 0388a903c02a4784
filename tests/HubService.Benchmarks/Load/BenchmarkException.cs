namespace HubService.Benchmarks.Load;

/// <summary>A window could not be measured, or a server does not start; the message says why.</summary>
internal sealed class BenchmarkException(string message) : Exception(message);
