using System.Threading.Channels;
using HubService.Contracts;
using HubService.Streams;

namespace HubService.Delivery;

/// <summary>Streams whose readers may have changed, as their feeds notice it, for <see cref="AccessChanges"/> to look at.</summary>
internal sealed class AccessNews
{
    private readonly Channel<StreamKey> _changed = Channel.CreateUnbounded<StreamKey>();

    /// <summary>Can the event change who may read its stream? A user's own stream tells of threads too, and remains that user's.</summary>
    public static bool IsNews(string kind, string type) => kind == StreamKind.Thread && type is ("thread_updated" or "thread_deleted");

    public void Add(StreamKey stream) => _changed.Writer.TryWrite(stream);

    public IAsyncEnumerable<StreamKey> ReadAllAsync(CancellationToken cancellationToken) => _changed.Reader.ReadAllAsync(cancellationToken);
}
