using System.Diagnostics;
using HubService.Contracts;
using HubService.Sqlite;
using HubService.Streams;

namespace HubService.Tests.Sqlite;

/// <summary>A second process of this test assembly: an explicit test that other tests start, and may kill.</summary>
public sealed class SqliteChild
{
    public const int Streams = 4;
    private const string PathVariable = "HUBSERVICE_TEST_CHILD_DB";
    private const string RoundVariable = "HUBSERVICE_TEST_CHILD_ROUND";

    internal static StreamKey Key(int stream) => new("acme", StreamKind.Project, $"project_{stream}");

    /// <summary>Starts the child; its lines are <c>ack|handed|error</c>, tab-separated, and end in a full stop that shows them to be whole.</summary>
    public static Process Start(string path, int round)
    {
        var start = new ProcessStartInfo("dotnet", [typeof(SqliteChild).Assembly.Location, "-method", $"{typeof(SqliteChild).FullName}.{nameof(Appends)}", "-explicit", "only", "-noColor"])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            Environment = { [PathVariable] = path, [RoundVariable] = $"{round}" },
        };
        return Process.Start(start)!;
    }

    public static string[]? Parse(string? line) => line?.Split('\t') is [.. var fields, "."] ? fields : null;

    /// <summary>Appends about 2,000 events a second to a few streams until killed.</summary>
    [Fact(Explicit = true)]
    public async Task Appends()
    {
        string? path = Environment.GetEnvironmentVariable(PathVariable);
        Assert.SkipWhen(path is null, "Started by other tests only.");
        using var output = new StreamWriter(Console.OpenStandardOutput()) { AutoFlush = true };
        TextWriter lines = TextWriter.Synchronized(output);
        SqliteEventLog log;
        try
        {
            log = SqliteEventLogTests.OpenFile(path!);
        }
        catch (LogException e)
        {
            lines.WriteLine($"error\t{e.Code}\t{e.Message}\t.");
            return;
        }

        for (int s = 0; s < Streams; s++)
        {
            int stream = s;
            await log.FollowAsync(Key(s), batch =>
            {
                foreach (LogEntry e in batch.Entries)
                {
                    lines.WriteLine($"handed\t{stream}\t{batch.Epoch}\t{e.Seq}\t{e.EventId}\t.");
                }
            });
        }

        string round = Environment.GetEnvironmentVariable(RoundVariable)!;
        using var everyMillisecond = new PeriodicTimer(TimeSpan.FromMilliseconds(1));
        for (int i = 0; await everyMillisecond.WaitForNextTickAsync(); i += 2)
        {
            _ = AppendAsync(i);
            _ = AppendAsync(i + 1);
        }

        async Task AppendAsync(int i)
        {
            string id = $"{round}-{i}";
            AppendResult result = await log.AppendAsync(Key(i % Streams), [new NewLogEvent(id, true, "STEP", TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds(), new byte[100])]);
            lines.WriteLine($"ack\t{i % Streams}\t{result.Epoch}\t{result.Events[0].Seq}\t{id}\t.");
        }
    }
}
