using System.Text;
using System.Text.Json;
using HubService.Contracts;
using HubService.Contracts.Agents;

namespace HubService.Client;

/// <content>Messages to people, and answers from them.</content>
public sealed partial class AgentRun
{
    private const int MaxDelta = 8_000;
    private const string NobodyAnswered = "Nobody answered the input request in time.";

    /// <summary>
    /// Publishes a message as it is written: <c>agent_streaming</c> with <c>stream_index</c> 0, 1, …, then <c>agent_message</c>
    /// with the full text. Deltas that come while one is being published are joined into the next.
    /// </summary>
    /// <returns>The full text.</returns>
    /// <exception cref="Exception">What the source threw; no <c>agent_message</c> is published then.</exception>
    public async Task<string> StreamMessageAsync(
        IAsyncEnumerable<string> deltas, string? messageId = null, MessageRole role = MessageRole.Assistant, CancellationToken cancellationToken = default)
    {
        messageId ??= Ids.New("msg_");
        StringBuilder text = new();
        int sent = 0;
        long index = 0;
        Task publishing = Task.CompletedTask;
        using CancellationTokenSource linked = CancellationTokenSource.CreateLinkedTokenSource(Cancelled, cancellationToken);
        IAsyncEnumerator<string> source = deltas.GetAsyncEnumerator(linked.Token);
        Task<bool> next = Task.FromResult(false);
        try
        {
            next = source.MoveNextAsync().AsTask();
            while (true)
            {
                if (publishing.IsCompleted && sent < text.Length)
                {
                    await publishing;
                    publishing = Flush();
                }

                // While one is being published, or nothing is left to send, only the source can bring something new.
                if (publishing.IsCompleted || next.IsCompleted)
                {
                    if (!await next)
                    {
                        break;
                    }

                    text.Append(source.Current);
                    next = source.MoveNextAsync().AsTask();
                }
                else
                {
                    await Task.WhenAny(publishing, next);
                }
            }

            await publishing;
            while (sent < text.Length)
            {
                await Flush();
            }
        }
        finally
        {
            Observe(publishing);
            if (!next.IsCompleted)
            {
                // An enumerator may not be disposed while it moves.
                await linked.CancelAsync();
                await ((Task)next).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }

            await source.DisposeAsync();
        }

        string full = text.ToString();
        await MessageAsync(full, messageId, role);
        return full;

        Task Flush()
        {
            int length = Math.Min(MaxDelta, text.Length - sent);
            if (char.IsHighSurrogate(text[sent + length - 1]) && sent + length < text.Length)
            {
                length++;
            }

            string delta = text.ToString(sent, length);
            sent += length;
            return PublishAsync(new AgentStreaming(messageId, delta, index++));
        }
    }

    /// <summary>Asks a person and waits: <c>input_requested</c>, then the value of the matching <c>input_provided</c>.</summary>
    /// <param name="schema">JSON Schema of the expected value, for the form. The answer may be any value: check it.</param>
    /// <param name="expiresIn">How long the answer is awaited; without it, until the run is cancelled.</param>
    /// <exception cref="TimeoutException">Nobody answered in time.</exception>
    public async Task<JsonElement> RequestInputAsync(
        string prompt, object? schema = null, TimeSpan? expiresIn = null, CancellationToken cancellationToken = default)
    {
        string requestId = Ids.New("req_");
        DateTimeOffset? expiresAt = expiresIn is { } span ? _port.Time.GetUtcNow() + span : null;
        using CancellationTokenSource expired = new(expiresIn ?? Timeout.InfiniteTimeSpan, _port.Time);
        using CancellationTokenSource linked = CancellationTokenSource.CreateLinkedTokenSource(expired.Token, Cancelled, cancellationToken);
        try
        {
            PublishResult asked = await PublishAsync(new InputRequested(requestId, prompt, Wire.Object(schema), expiresAt));

            // From the question's own position, so an answer that comes at once is not missed.
            await foreach (StreamItem item in _port.Subscribe(ThreadId, new StreamPosition(asked.Epoch ?? "", asked.Seq ?? 0), linked.Token))
            {
                if (item is AgentStreamEvent { Payload: InputProvided answer } && answer.RequestId == requestId)
                {
                    return answer.Expired is true ? throw new TimeoutException(NobodyAnswered) : answer.Value;
                }
            }
        }
        catch (OperationCanceledException e) when (expired.IsCancellationRequested && !Cancelled.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException(NobodyAnswered, e);
        }
        catch (HubClientException e) when (e.Error.Details?["field"]?.GetValue<string>() == "payload.expires_at")
        {
            // It waited for a connection too long, or the hub's clock is ahead.
            throw new TimeoutException(NobodyAnswered, e);
        }

        throw new OperationCanceledException("The subscription that waited for the input ended.");
    }
}
