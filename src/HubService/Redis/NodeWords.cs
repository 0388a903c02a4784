using System.Collections.Concurrent;
using HubService.Cluster;

namespace HubService.Redis;

/// <summary>Questions, answers and plain words between this node and others, each on the channel of the node it is for.</summary>
/// <param name="unreachable">Called with a node to which nobody listens.</param>
internal sealed partial class NodeWords(string self, IRedisLink link, ClusterKeys keys, SerialWork work, Action<string> unreachable, TimeProvider time, ILogger logger)
{
    /// <summary>How long Redis may take to say who heard a word that waits for no answer.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<string, Func<ReadOnlyMemory<byte>, Task<ReadOnlyMemory<byte>>>> _handlers = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<long, (string Node, TaskCompletionSource<ReadOnlyMemory<byte>> Answer)> _questions = new();
    private readonly ConcurrentDictionary<string, long> _heard = new(StringComparer.Ordinal);
    private readonly Lock _saying = new();
    private long _said;
    private volatile bool _failing;

    public void Handle(string topic, Func<ReadOnlyMemory<byte>, Task<ReadOnlyMemory<byte>>> handler) => _handlers[topic] = handler;

    public async Task<ReadOnlyMemory<byte>> AskAsync(string node, string topic, ReadOnlyMemory<byte> message, TimeSpan within)
    {
        long start = time.GetTimestamp();
        var answer = new TaskCompletionSource<ReadOnlyMemory<byte>>(TaskCreationOptions.RunContinuationsAsynchronously);
        long number = 0;
        try
        {
            if (node == self)
            {
                work.Add(() => _ = PutAsync(topic, message, answer));
            }
            else if (await SayAsync(node, WordKind.Ask, 0, topic, message, n => _questions[number = n] = (node, answer)).WaitAsync(within, time) == 0)
            {
                unreachable(node);
                throw new NodeException(maybeDone: false, $"Nobody listens to the node '{node}'.");
            }

            TimeSpan left = within - time.GetElapsedTime(start);
            return await answer.Task.WaitAsync(left > TimeSpan.Zero ? left : TimeSpan.Zero, time);
        }
        catch (TimeoutException e)
        {
            throw new NodeException(maybeDone: true, $"The node '{node}' did not answer {topic} within {within}.", e);
        }
        catch (Exception e) when (RedisFailure.IsTransient(e))
        {
            throw new NodeException(RedisFailure.IsSent(e), $"The node '{node}' could not be asked {topic}.", e);
        }
        finally
        {
            _questions.TryRemove(number, out _);
        }
    }

    public void Tell(string node, string topic, ReadOnlyMemory<byte> message)
    {
        if (node == self)
        {
            work.Add(() => _ = HandleAsync(topic, message));
        }
        else
        {
            _ = WatchAsync(node, topic, SayAsync(node, WordKind.Tell, 0, topic, message));
        }
    }

    /// <summary>Whatever these nodes were asked is not answered any more.</summary>
    public void Forget(IReadOnlyList<string> dead)
    {
        foreach (string node in dead)
        {
            _heard.TryRemove(node, out _);
            foreach ((string _, TaskCompletionSource<ReadOnlyMemory<byte>> answer) in _questions.Values.Where(q => q.Node == node))
            {
                answer.TrySetException(new NodeException(maybeDone: true, $"The node '{node}' is gone."));
            }
        }
    }

    /// <summary>A word came on this node's channel; they come in the order in which they were said.</summary>
    public void Hear(byte[]? bytes)
    {
        if (NodeWord.Read(bytes) is not { } word)
        {
            LogUnreadable(logger);
        }
        else if (word.Kind is WordKind.Answer or WordKind.Failure)
        {
            if (_questions.TryGetValue(word.Question, out (string Node, TaskCompletionSource<ReadOnlyMemory<byte>> Answer) question))
            {
                _ = word.Kind == WordKind.Answer
                    ? question.Answer.TrySetResult(word.Payload)
                    : question.Answer.TrySetException(new NodeException(maybeDone: true, $"The node '{word.Sender}' failed to answer {word.Topic}."));
            }
        }
        else
        {
            // Begun in order and not waited for: a handler may ask back.
            work.Add(() => _ = AnswerOnceAsync(word));
        }
    }

    private Task AnswerOnceAsync(NodeWord word)
    {
        // While one connection takes over from another the same word may come on both.
        if (_heard.TryGetValue(word.Sender, out long last) && word.Number <= last)
        {
            return Task.CompletedTask;
        }

        _heard[word.Sender] = word.Number;
        return AnswerAsync(word);
    }

    private async Task AnswerAsync(NodeWord word)
    {
        ReadOnlyMemory<byte>? answer = await HandleAsync(word.Topic, word.Payload);
        if (word.Kind == WordKind.Ask)
        {
            await WatchAsync(word.Sender, word.Topic, SayAsync(word.Sender, answer is null ? WordKind.Failure : WordKind.Answer, word.Number, word.Topic, answer ?? default));
        }
    }

    private async Task PutAsync(string topic, ReadOnlyMemory<byte> message, TaskCompletionSource<ReadOnlyMemory<byte>> answer)
    {
        if (await HandleAsync(topic, message) is { } given)
        {
            answer.TrySetResult(given);
        }
        else
        {
            answer.TrySetException(new NodeException(maybeDone: true, $"This node failed to answer {topic}."));
        }
    }

    /// <summary>Null when the handler failed.</summary>
    private async Task<ReadOnlyMemory<byte>?> HandleAsync(string topic, ReadOnlyMemory<byte> message)
    {
        try
        {
            return _handlers.TryGetValue(topic, out Func<ReadOnlyMemory<byte>, Task<ReadOnlyMemory<byte>>>? handler)
                ? await handler(message)
                : throw new InvalidOperationException($"Nobody here answers {topic}.");
        }
        catch (Exception e)
        {
            LogHandlerFailed(logger, e, topic);
            return null;
        }
    }

    /// <summary>Gives how many heard it: one or, when the node is not there, none.</summary>
    private Task<long> SayAsync(string node, WordKind kind, long question, string topic, ReadOnlyMemory<byte> payload, Action<long>? numbered = null)
    {
        // Numbered and sent as one, so that what is said first comes first.
        lock (_saying)
        {
            var word = new NodeWord(kind, self, ++_said, question, topic, payload);
            numbered?.Invoke(word.Number);
            try
            {
                return link.Database.PublishAsync(keys.Channel(node), word.ToBytes());
            }
            catch (Exception e) when (RedisFailure.IsTransient(e))
            {
                return Task.FromException<long>(e);
            }
        }
    }

    private async Task WatchAsync(string node, string topic, Task<long> said)
    {
        try
        {
            long heard = await said.WaitAsync(Patience, time);
            _failing = false;
            if (heard == 0)
            {
                unreachable(node);
            }
        }
        catch (Exception e) when (RedisFailure.IsTransient(e))
        {
            // An outage is one line, however much was to be said during it.
            if (!_failing)
            {
                LogNotSaid(logger, topic, node, e.GetType().Name);
            }

            _failing = true;
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Something on this node's channel is no word of another node")]
    private static partial void LogUnreadable(ILogger logger);

    [LoggerMessage(Level = LogLevel.Error, Message = "What another node said under {Topic} could not be handled")]
    private static partial void LogHandlerFailed(ILogger logger, Exception exception, string topic);

    [LoggerMessage(Level = LogLevel.Warning, Message = "A word under {Topic} to node {Node} may be lost, and so may be others until Redis answers ({Reason})")]
    private static partial void LogNotSaid(ILogger logger, string topic, string node, string reason);
}
