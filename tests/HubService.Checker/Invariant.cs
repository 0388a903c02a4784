namespace HubService.Checker;

/// <summary>Something that holds of every history of a sound service.</summary>
/// <param name="name">As the reliability notes number it, e.g. <c>I2</c>.</param>
/// <param name="sentence">What holds, in words.</param>
internal abstract class Invariant(string name, string sentence)
{
    public string Name => name;

    public string Sentence => sentence;

    public virtual IEnumerable<Finding> Check(History history) => history.Streams.SelectMany(s => Check(s, history.Run));

    protected virtual IEnumerable<Finding> Check(StreamHistory stream, Run run) => [];

    protected Finding Broken(StreamHistory stream, long? seq, string? who, string what) => new(name, stream.Key, seq, who, what);
}

/// <summary>An invariant that does not hold, and where.</summary>
internal sealed record Finding(string Invariant, string Stream, long? Seq, string? Who, string What)
{
    public override string ToString() => $"{Invariant} {Stream}{(Seq is { } seq ? $" seq {seq}" : "")}{(Who is null ? "" : $" {Who}")}: {What}";
}
