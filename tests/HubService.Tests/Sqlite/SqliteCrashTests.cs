using System.Diagnostics;
using HubService.Contracts;
using HubService.Sqlite;
using HubService.Streams;

namespace HubService.Tests.Sqlite;

/// <summary>What is left after a process was killed, or the end of the write-ahead log was lost.</summary>
public sealed class SqliteCrashTests : IDisposable
{
    private readonly TempDirectory _directory = new();

    [Fact]
    public async Task Kill_minus_nine_loses_nothing_acknowledged_and_nothing_handed_out()
    {
        const int Kills = 20;
        string path = _directory.File("hub.db");
        var told = new Dictionary<(int Stream, long Seq), string>();
        var epochs = new string?[SqliteChild.Streams];
        for (int round = 0; round < Kills; round++)
        {
            using Process child = SqliteChild.Start(path, round);
            int acks = 0;
            int killAfter = 50 + (round * 97);
            while (await child.StandardOutput.ReadLineAsync() is { } line)
            {
                // What is still in the pipe after the kill counts too: the child had said it.
                if (SqliteChild.Parse(line) is not [var what, var stream, var epoch, var seq, var id])
                {
                    continue;
                }

                int s = int.Parse(stream, null);
                Assert.Equal(epochs[s] ??= epoch, epoch);
                Assert.Equal(id, told.GetValueOrDefault((s, long.Parse(seq, null)), id));
                told[(s, long.Parse(seq, null))] = id;
                if (what == "ack" && ++acks == killAfter)
                {
                    child.Kill();
                }
            }

            await child.WaitForExitAsync();
            Assert.True(acks >= killAfter, $"Round {round}: the child ended by itself after {acks} acknowledgements.");
            await VerifyAsync(path, told, epochs);
        }
    }

    [Fact]
    public async Task A_second_process_on_the_same_file_is_refused()
    {
        string path = _directory.File("hub.db");
        await using SqliteEventLog log = SqliteEventLogTests.OpenFile(path);
        using Process child = SqliteChild.Start(path, round: 0);

        string output = await child.StandardOutput.ReadToEndAsync();

        string[] error = Assert.Single(output.Split('\n').Select(SqliteChild.Parse), f => f is not null)!;
        Assert.Equal(["error", ErrorCodes.StoreUnavailable], error[..2]);
        Assert.Contains(path, error[2], StringComparison.Ordinal);
        Assert.Contains("Sqlite:Path", error[2], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_write_ahead_log_cut_anywhere_opens_to_a_prefix_of_history()
    {
        const int Commits = 30;
        string path = _directory.File("hub.db");
        await using (SqliteEventLog log = SqliteEventLogTests.OpenFile(path))
        {
            await CopyAsync(path, _directory.File("before.db"));
            using var reader = new Database(path, readOnly: true);
            await log.AppendAsync(SqliteChild.Key(0), [Event(0), Event(1)]);

            // An old reader keeps the write-ahead log from beginning anew, so that it holds all there is.
            reader.Execute("BEGIN; SELECT * FROM meta");
            for (int i = 1; i < Commits; i++)
            {
                await log.AppendAsync(SqliteChild.Key(0), [Event(2 * i), Event((2 * i) + 1)]);
            }

            await CopyAsync(path + "-wal", _directory.File("whole-wal"));
        }

        byte[] wal = await File.ReadAllBytesAsync(_directory.File("whole-wal"));
        var heads = new List<long>();
        int step = wal.Length / 24;
        foreach (int cut in new[] { 0, 1, 31, 32, 56, wal.Length - 4096, wal.Length - 1, wal.Length }.Concat(Enumerable.Range(1, 23).Select(i => i * step)).Order())
        {
            using var copy = new TempDirectory();
            File.Copy(_directory.File("before.db"), copy.File("hub.db"));
            await File.WriteAllBytesAsync(copy.File("hub.db-wal"), wal[..cut]);
            await using SqliteEventLog log = SqliteEventLogTests.OpenFile(copy.File("hub.db"));
            LogPage page = await log.ReadAsync(SqliteChild.Key(0), StreamPosition.Start, 1_000);

            Assert.Equal(Enumerable.Range(0, (int)page.Head).Select(i => $"e{i}"), page.Entries.Select(e => e.EventId));
            Assert.Equal(0, page.Head % 2);
            heads.Add(page.Head);
            Assert.Equal(page.Head + 1, (await log.AppendAsync(SqliteChild.Key(0), [Event(1_000)])).Head);
        }

        Assert.Equal(heads.Order(), heads);
        Assert.Equal((0, 2 * Commits), (heads[0], heads[^1]));
        Assert.True(heads.Distinct().Count() > 10);
    }

    public void Dispose() => _directory.Dispose();

    private static async Task VerifyAsync(string path, Dictionary<(int Stream, long Seq), string> told, string?[] epochs)
    {
        await using SqliteEventLog log = SqliteEventLogTests.OpenFile(path);
        for (int s = 0; s < SqliteChild.Streams; s++)
        {
            var kept = new List<LogEntry>();
            LogPage page;
            do
            {
                page = await log.ReadAsync(SqliteChild.Key(s), new StreamPosition(kept.Count == 0 ? "" : epochs[s]!, kept.Count), 1_000);
                Assert.Equal((ReadVerdict.Ok, epochs[s]), (page.Verdict, page.Epoch));
                kept.AddRange(page.Entries);
            }
            while (page.Entries.Count > 0);

            Assert.Equal(Enumerable.Range(1, (int)page.Head).Select(i => (long)i), kept.Select(e => e.Seq));
            Assert.Equal(kept.Count, kept.Select(e => e.EventId).Distinct().Count());
            foreach (((int stream, long seq), string id) in told)
            {
                if (stream == s)
                {
                    Assert.True(seq <= kept.Count, $"Event {id} with seq {seq} of stream {s} is gone.");
                    Assert.Equal(id, kept[(int)seq - 1].EventId);
                }
            }

            LogEntry last = kept[^1];
            AppendResult retry = await log.AppendAsync(SqliteChild.Key(s), [new NewLogEvent(last.EventId, true, last.Type, last.Ts, last.Body)]);
            Assert.Equal(new AppendedEvent(last.Seq, Duplicate: true), retry.Events[0]);
        }
    }

    /// <summary>In another process: closing the file in this one would take SQLite's locks with it.</summary>
    private static async Task CopyAsync(string from, string to)
    {
        using Process cp = Process.Start("cp", [from, to]);
        await cp.WaitForExitAsync();
        Assert.Equal(0, cp.ExitCode);
    }

    private static NewLogEvent Event(int i) => new($"e{i}", true, "STEP", TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds(), new byte[500]);
}
