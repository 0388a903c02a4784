using HubService.Sqlite;
using HubService.Streams;
using HubService.Tests.Streams;
using Microsoft.Extensions.Logging.Abstractions;

namespace HubService.Tests.Sqlite;

public sealed class SqliteEventLogTests : EventLogSpec
{
    private readonly TempDirectory _directory = new();

    private protected override IEventLog Open(StreamOptions options, TimeProvider time) => OpenFile(_directory.File("hub.db"), options, time);

    internal static SqliteEventLog OpenFile(string path, StreamOptions? options = null, TimeProvider? time = null) => new(
        Microsoft.Extensions.Options.Options.Create(new SqliteOptions { Path = path }),
        Microsoft.Extensions.Options.Options.Create(options ?? new StreamOptions()),
        time ?? TimeProvider.System,
        NullLogger<SqliteEventLog>.Instance);

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        _directory.Dispose();
    }
}
