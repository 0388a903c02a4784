namespace HubService.Sqlite;

/// <summary>Bound from <c>Sqlite</c>.</summary>
internal sealed class SqliteOptions
{
    /// <summary>The database file; a relative path is relative to the working directory. One hub process per file.</summary>
    public string Path { get; set; } = "data/hub.db";
}
