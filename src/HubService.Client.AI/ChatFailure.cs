using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;

namespace HubService.Client.AI;

/// <summary>Remembers what a chat client threw, so that a failure of the model can be told from one of the code around it.</summary>
internal sealed class ChatFailure(IChatClient inner) : DelegatingChatClient(inner)
{
    private Exception? _thrown;

    /// <summary>True for what the chat client threw by itself. An event that a tool could not publish passes it too, and is none.</summary>
    public bool IsOfModel(Exception error) => ReferenceEquals(error, _thrown) && error is not HubClientException;

    public override async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await using IAsyncEnumerator<ChatResponseUpdate> updates = await RememberAsync(() =>
            ValueTask.FromResult(InnerClient.GetStreamingResponseAsync(messages, options, cancellationToken).GetAsyncEnumerator(cancellationToken)));
        while (await RememberAsync(updates.MoveNextAsync))
        {
            yield return updates.Current;
        }
    }

    private async Task<T> RememberAsync<T>(Func<ValueTask<T>> ask)
    {
        try
        {
            return await ask();
        }
        catch (Exception e)
        {
            _thrown = e;
            throw;
        }
    }
}
