using System.Diagnostics;
using HubService.Contracts;
using HubService.Sqlite;
using HubService.Streams;
using Microsoft.Extensions.Logging.Abstractions;

namespace HubService.Tests.Sqlite;

/// <summary>Files that cannot be used, disks that are full, and a writer that falls behind.</summary>
public sealed class SqliteFailureTests : IDisposable
{
    private static readonly StreamKey Stream = new("acme", StreamKind.Project, "project_1");

    private readonly TempDirectory _directory = new();

    [Fact]
    public void A_file_that_is_no_database_is_refused()
    {
        string path = _directory.File("notes.txt");
        File.WriteAllText(path, new string('x', 10_000));

        Refused(path, "is not an SQLite database");
        Assert.Equal(new string('x', 10_000), File.ReadAllText(path));
    }

    [Fact]
    public void The_database_of_something_else_is_refused()
    {
        string path = _directory.File("other.db");
        using (var other = new Database(path))
        {
            other.Execute("CREATE TABLE customers(name TEXT)");
        }

        Refused(path, "is the database of something else");
    }

    [Fact]
    public async Task A_file_of_a_newer_version_is_refused()
    {
        string path = _directory.File("hub.db");
        await SqliteEventLogTests.OpenFile(path).DisposeAsync();
        using (var newer = new Database(path))
        {
            newer.Execute("PRAGMA user_version=99");
        }

        Refused(path, "newer HubService");
    }

    [Fact]
    public void A_directory_that_cannot_be_made_is_refused()
    {
        File.WriteAllText(_directory.File("file"), "");
        Refused(Path.Combine(_directory.File("file"), "hub.db"), "cannot be created");
    }

    [Fact]
    public void A_file_in_use_is_refused()
    {
        using var held = new StoreFile(_directory.File("hub.db"));
        Refused(held.Path, "is in use by another process");
    }

    [Fact]
    public async Task A_full_disk_refuses_appends_whole_and_recovers_by_itself()
    {
        Assert.SkipUnless(await MountAsync("-t", "tmpfs", "-o", "size=4m", "tmpfs", _directory.Path), "Needs the right to mount.");
        try
        {
            string path = _directory.File("hub.db");
            string ballast = _directory.File("ballast");
            await File.WriteAllBytesAsync(ballast, new byte[2_600_000]);
            var acked = new List<string>();
            await using (SqliteEventLog log = SqliteEventLogTests.OpenFile(path))
            {
                var handed = new List<string>();
                using Following following = await log.FollowAsync(Stream, batch => handed.AddRange(batch.Entries.Select(e => e.EventId)));
                LogException? full = null;
                while (full is null)
                {
                    full = await TryAppendAsync(log, acked);
                }

                Assert.Equal(ErrorCodes.StoreFull, full.Code);
                Assert.Equal(ErrorCodes.StoreFull, (await TryAppendAsync(log, acked))?.Code);
                Assert.Equal(acked.Count, (await log.HeadAsync(Stream)).Seq);

                File.Delete(ballast);
                for (int i = 0; i < 5; i++)
                {
                    Assert.Null(await TryAppendAsync(log, acked));
                }

                Assert.Equal(acked, handed);
            }

            await using SqliteEventLog reopened = SqliteEventLogTests.OpenFile(path);
            Assert.Equal(acked, await IdsAsync(reopened));
        }
        finally
        {
            using Process umount = Process.Start("umount", [_directory.Path]);
            await umount.WaitForExitAsync();
        }
    }

    /// <summary>Every refused group logged two stack traces, and the node was ready all the while.</summary>
    [Fact]
    public async Task A_full_disk_is_said_once_when_it_begins_and_once_when_it_ends()
    {
        using var file = new StoreFile(_directory.File("hub.db"));
        using Database database = file.OpenForWriting();
        using var readers = new ReaderPool(file);
        var streams = new StreamStates(readers, new Followers(), TimeSpan.FromMinutes(5), TimeProvider.System);
        var lines = new Lines();
        var writer = new LogWriter(new WriteConnection(database), TimeProvider.System, lines);
        StreamState state = streams.Pin(Stream, toAppend: true);
        try
        {
            await AppendAsync(streams, state, writer, "small", 10);
            database.Execute("PRAGMA max_page_count=20");
            for (int i = 0; i < 3; i++)
            {
                await Assert.ThrowsAsync<LogException>(() => AppendAsync(streams, state, writer, $"large{i}", 200_000));
                Assert.Equal(ErrorCodes.StoreFull, writer.RefusalCode);
            }

            Assert.Contains("store_full", Assert.Single(lines.Said), StringComparison.Ordinal);

            // Nobody tries again, and yet it notices.
            database.Execute("PRAGMA max_page_count=100000");
            await Client.Wait.Until(() => writer.RefusalCode is null);
            Assert.Equal(2, lines.Said.Count);
            Assert.Contains("3 groups", lines.Said[1], StringComparison.Ordinal);
            Assert.Equal(2, (await AppendAsync(streams, state, writer, "large", 200_000)).Head);
            Assert.Equal(0, database.ReadLong("SELECT count(*) FROM meta WHERE name='probe'"));
        }
        finally
        {
            await writer.StopAsync();
        }
    }

    [Fact]
    public async Task A_commit_that_fails_leaves_no_trace_in_memory()
    {
        using var file = new StoreFile(_directory.File("hub.db"));
        using Database database = file.OpenForWriting();
        using var readers = new ReaderPool(file);
        var streams = new StreamStates(readers, new Followers(), TimeSpan.FromMinutes(5), TimeProvider.System);
        var writer = new LogWriter(new WriteConnection(database), TimeProvider.System, NullLogger.Instance);
        StreamState state = streams.Pin(Stream, toAppend: true);
        try
        {
            Assert.Equal(1, (await AppendAsync(streams, state, writer, "small", 10)).Head);
            database.Execute("PRAGMA max_page_count=20");
            LogException full = await Assert.ThrowsAsync<LogException>(() => AppendAsync(streams, state, writer, "large", 200_000));
            Assert.Equal(ErrorCodes.StoreFull, full.Code);
            Assert.Equal((1, 1, 0), (state.Tail.Seq, state.Next.Seq, state.Ids.SeqOf("large")));
            Assert.Equal(new AppendedEvent(2, Duplicate: false), (await AppendAsync(streams, state, writer, "other", 10)).Events[0]);

            database.Execute("PRAGMA max_page_count=100000");
            Assert.Equal(new AppendedEvent(3, Duplicate: false), (await AppendAsync(streams, state, writer, "large", 200_000)).Events[0]);
            Assert.Equal(new AppendedEvent(1, Duplicate: true), (await AppendAsync(streams, state, writer, "small", 10)).Events[0]);
        }
        finally
        {
            await writer.StopAsync();
        }
    }

    [Fact]
    public void What_waits_to_be_written_is_bounded()
    {
        var queue = new WriteQueue(TimeProvider.System);
        queue.Add(new Heavy(WriteQueue.MaxEvents, 0));
        Assert.Equal(ErrorCodes.StoreUnavailable, Assert.Throws<LogException>(() => queue.Add(new Heavy(1, 0))).Code);
        Assert.Single(queue.Take(TimeSpan.Zero));

        queue.Add(new Heavy(1, WriteQueue.MaxBytes + 1));
        Assert.Equal(ErrorCodes.StoreUnavailable, Assert.Throws<LogException>(() => queue.Add(new Heavy(1, 1))).Code);
        Assert.Single(queue.Take(TimeSpan.Zero));
    }

    public void Dispose() => _directory.Dispose();

    private static void Refused(string path, string why)
    {
        LogException refused = Assert.Throws<LogException>(() => SqliteEventLogTests.OpenFile(path));
        Assert.Equal(ErrorCodes.StoreUnavailable, refused.Code);
        Assert.Contains($"'{path}'", refused.Message, StringComparison.Ordinal);
        Assert.Contains(why, refused.Message, StringComparison.Ordinal);
        Assert.Contains(why.StartsWith("newer", StringComparison.Ordinal) ? "Start that version" : "Sqlite:Path", refused.Message, StringComparison.Ordinal);
    }

    private static async Task<LogException?> TryAppendAsync(SqliteEventLog log, List<string> acked)
    {
        try
        {
            string id = $"e{acked.Count}";
            await log.AppendAsync(Stream, [Event(id, 10_000)]);
            acked.Add(id);
            return null;
        }
        catch (LogException e)
        {
            return e;
        }
    }

    private static async Task<List<string>> IdsAsync(SqliteEventLog log)
    {
        List<string> ids = [];
        LogPage page;
        do
        {
            page = await log.ReadAsync(Stream, new StreamPosition(ids.Count == 0 ? "" : (await log.HeadAsync(Stream)).Epoch, ids.Count), 1_000);
            ids.AddRange(page.Entries.Select(e => e.EventId));
        }
        while (page.Entries.Count > 0);
        return ids;
    }

    private static async Task<bool> MountAsync(params string[] arguments)
    {
        try
        {
            using Process mount = Process.Start(new ProcessStartInfo("mount", arguments) { UseShellExecute = false, RedirectStandardError = true })!;
            await mount.WaitForExitAsync();
            return mount.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }

    private static Task<AppendResult> AppendAsync(StreamStates streams, StreamState state, LogWriter writer, string id, int bytes)
    {
        streams.Pin(Stream, toAppend: true);
        var append = new PendingAppend(state, [Event(id, bytes)], expectedHead: null);
        writer.Enqueue(append);
        return append.Task;
    }

    private static NewLogEvent Event(string id, int bytes) => new(id, true, "STEP", TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds(), new byte[bytes]);

    private sealed class Lines : ILogger
    {
        private readonly System.Collections.Concurrent.ConcurrentQueue<string> _said = new();

        public IReadOnlyList<string> Said => [.. _said];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => _said.Enqueue(formatter(state, exception));
    }

    /// <summary>Weighs, and is never written: the queue under test has no writer.</summary>
    private sealed class Heavy(int events, long bytes) : PendingWrite
    {
        public override (int Events, long Bytes) Weight => (events, bytes);

        public override void Apply(WriteConnection store) => throw new NotSupportedException();

        public override void Complete() => throw new NotSupportedException();

        public override void Fail(LogException reason) => throw new NotSupportedException();
    }
}
