namespace HubService.Contracts;

/// <summary>The kinds of stream.</summary>
public static class StreamKind
{
    public const string Thread = "thread";
    public const string Project = "project";
    public const string User = "user";
}

/// <summary>Names one stream inside a tenant; as text <c>kind:id</c>, e.g. <c>thread:thread_abc</c>.</summary>
public readonly record struct StreamId(string Kind, string Id)
{
    public static StreamId Thread(ThreadId id) => new(StreamKind.Thread, id.Value);

    public static StreamId Project(ProjectId id) => new(StreamKind.Project, id.Value);

    public static StreamId User(string id) => new(StreamKind.User, id);

    public override string ToString() => $"{Kind}:{Id}";
}
