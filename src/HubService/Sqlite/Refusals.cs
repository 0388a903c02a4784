namespace HubService.Sqlite;

/// <summary>Whether the store takes writes: said once when it stops, and once when it goes on. For the writer's thread; <see cref="Code"/> is read by others.</summary>
internal sealed partial class Refusals(ILogger logger)
{
    private const int LeastProbe = 4 * 1024;
    private const int MostProbe = 1024 * 1024;

    private volatile string? _code;
    private long _bytes;
    private long _groups;

    /// <summary>The error code that the newest group of writes was refused with; null once something could be written again.</summary>
    public string? Code => _code;

    /// <summary>How much must fit before writes are taken again: about what was refused last.</summary>
    public int ProbeBytes => (int)Math.Clamp(_bytes, LeastProbe, MostProbe);

    public void Begin(string code, long bytes, Exception exception)
    {
        if (_code is null)
        {
            LogRefuses(code, exception);
        }

        _code = code;
        _bytes = bytes;
        _groups++;
    }

    public void End()
    {
        if (_code is not null)
        {
            LogTakes(_groups);
            _code = null;
            _groups = 0;
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "The event store refuses writes from now on: {Code}")]
    private partial void LogRefuses(string code, Exception exception);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The event store takes writes again; {Groups} groups of them were refused")]
    private partial void LogTakes(long groups);
}
