using System.Text;
using System.Threading.Channels;

namespace HubService.Client.AI;

/// <summary>What a model says in one streamed response, as messages of the run; its thoughts come whole, before what follows them.</summary>
internal sealed class StreamedAnswer(AgentRun run) : IAsyncDisposable
{
    /// <summary>Characters, at most 6 bytes each in JSON: a piece stays below the 64 kB that a hub takes by default in one event.</summary>
    private const int MaxThought = 8_000;

    private readonly StringBuilder _thought = new();
    private Channel<string>? _deltas;
    private Task _message = Task.CompletedTask;
    private string? _messageId;

    /// <summary>Publishes a thought, in pieces that fit an event.</summary>
    public static async Task PublishAsync(AgentRun run, string thought)
    {
        for (int start = 0, length; start < thought.Length; start += length)
        {
            length = Math.Min(MaxThought, thought.Length - start);
            length -= start + length < thought.Length && char.IsHighSurrogate(thought[start + length - 1]) ? 1 : 0;
            await run.ThinkAsync(thought.Substring(start, length));
        }
    }

    public async Task ThinkAsync(string text)
    {
        await EndMessageAsync();
        _thought.Append(text);
    }

    /// <param name="text">A piece of a message.</param>
    /// <param name="messageId">The model's; another one begins another message.</param>
    public async Task SayAsync(string text, string? messageId)
    {
        await EndThoughtAsync();
        if (_deltas is not null && messageId is not null && _messageId is not null && messageId != _messageId)
        {
            await EndMessageAsync();
        }

        if (_message.IsFaulted)
        {
            await _message;
        }

        if (_deltas is null)
        {
            _deltas = Channel.CreateUnbounded<string>(new UnboundedChannelOptions { SingleReader = true, SingleWriter = true });
            _message = run.StreamMessageAsync(_deltas.Reader.ReadAllAsync());
        }

        _messageId = messageId ?? _messageId;
        _deltas.Writer.TryWrite(text);
    }

    /// <summary>What was begun is complete.</summary>
    public async Task EndAsync()
    {
        await EndThoughtAsync();
        await EndMessageAsync();
    }

    /// <summary>A message that was broken off is left without its <c>agent_message</c>.</summary>
    public async ValueTask DisposeAsync()
    {
        _deltas?.Writer.TryComplete(new OperationCanceledException("The message was broken off."));
        await _message.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task EndThoughtAsync()
    {
        if (_thought.Length > 0)
        {
            string thought = _thought.ToString();
            _thought.Clear();
            await PublishAsync(run, thought);
        }
    }

    private async Task EndMessageAsync()
    {
        if (_deltas is { } deltas)
        {
            (_deltas, _messageId) = (null, null);
            deltas.Writer.TryComplete();
            await _message;
        }
    }
}
