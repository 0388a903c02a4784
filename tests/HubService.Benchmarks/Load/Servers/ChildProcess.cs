using System.Collections.Concurrent;
using System.Diagnostics;
using System.Threading.Channels;

namespace HubService.Benchmarks.Load.Servers;

/// <summary>A process that this one starts, and ends by its id whatever happens.</summary>
internal sealed class ChildProcess : IDisposable
{
    private const int OutputKept = 50;
    private static readonly TimeSpan EndLimit = TimeSpan.FromSeconds(5);
    private static readonly ConcurrentDictionary<ChildProcess, bool> Alive = new();

    private readonly Channel<string> _lines = Channel.CreateUnbounded<string>();
    private readonly ConcurrentQueue<string> _output = new();
    private readonly Process _process;
    private readonly string _name;

    private ChildProcess(string name, ProcessStartInfo start)
    {
        _name = name;
        _process = Process.Start(start)!;
        Alive[this] = true;
        _process.OutputDataReceived += (_, e) => Take(e.Data);
        _process.ErrorDataReceived += (_, e) => Keep(e.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public int Id => _process.Id;

    public bool HasEnded => _process.HasExited;

    public StreamWriter Input => _process.StandardInput;

    /// <summary>The latest of what it wrote.</summary>
    public string Output => string.Join('\n', _output);

    public static ChildProcess OfThisProgram(string name, params string[] arguments) =>
        Dotnet(name, Path.Combine(AppContext.BaseDirectory, "HubService.Benchmarks.dll"), AppContext.BaseDirectory, arguments);

    public static ChildProcess Dotnet(string name, string program, string directory, IEnumerable<string> arguments) =>
        Start(name, "dotnet", directory, [program, .. arguments]);

    public static ChildProcess Start(string name, string command, string directory, IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(command, arguments)
        {
            WorkingDirectory = directory,
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (string inherited in start.Environment.Keys.Where(k => k.StartsWith("ASPNETCORE_", StringComparison.Ordinal) || k.StartsWith("DOTNET_ENVIRONMENT", StringComparison.Ordinal)).ToList())
        {
            start.Environment.Remove(inherited);
        }

        return new ChildProcess(name, start);
    }

    /// <summary>Ends what is still there, at the end of this process.</summary>
    public static void EndAll()
    {
        foreach (ChildProcess process in Alive.Keys)
        {
            process.Dispose();
        }
    }

    /// <exception cref="BenchmarkException">It has ended.</exception>
    public async Task<string> ReadLineAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await _lines.Reader.ReadAsync(cancellationToken);
        }
        catch (ChannelClosedException)
        {
            throw new BenchmarkException($"{_name} has ended:\n{Output}");
        }
    }

    public void Dispose()
    {
        if (Alive.TryRemove(this, out _))
        {
            // Who reads its input ends by that.
            _process.StandardInput.Close();
            if (!_process.HasExited)
            {
                _process.Kill();
                _process.WaitForExit(EndLimit);
            }

            _process.Dispose();
        }
    }

    private void Take(string? line)
    {
        Keep(line);
        if (line is null)
        {
            _lines.Writer.TryComplete();
        }
        else
        {
            _lines.Writer.TryWrite(line);
        }
    }

    private void Keep(string? line)
    {
        if (line is null)
        {
            return;
        }

        _output.Enqueue(line);
        while (_output.Count > OutputKept)
        {
            _output.TryDequeue(out _);
        }
    }
}
