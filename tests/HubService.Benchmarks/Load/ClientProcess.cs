using System.Text.Json;
using HubService.Benchmarks.Load.Client;
using HubService.Benchmarks.Load.Servers;

namespace HubService.Benchmarks.Load;

/// <summary>The load client as a process of its own, kept for all windows, so that it is warm.</summary>
internal sealed class ClientProcess : IDisposable
{
    private readonly ChildProcess _process = ChildProcess.OfThisProgram("client", Verbs.Client);

    /// <exception cref="BenchmarkException">It failed, or did not answer in time.</exception>
    public async Task<Figures> AskAsync(ClientTask task, TimeSpan limit, CancellationToken cancellationToken)
    {
        await _process.Input.WriteLineAsync(JsonSerializer.Serialize(task).AsMemory(), cancellationToken);
        await _process.Input.FlushAsync(cancellationToken);
        try
        {
            string line = await _process.ReadLineAsync(cancellationToken).WaitAsync(limit, TimeProvider.System, cancellationToken);
            ClientAnswer answer = JsonSerializer.Deserialize<ClientAnswer>(line)!;
            return answer.Error is null ? answer.Figures : throw new BenchmarkException(answer.Error);
        }
        catch (TimeoutException)
        {
            throw new BenchmarkException($"The client did not answer within {limit}.");
        }
    }

    public void Dispose() => _process.Dispose();
}
