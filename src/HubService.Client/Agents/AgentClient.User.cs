using HubService.Contracts;
using HubService.Contracts.Agents;

namespace HubService.Client;

/// <content>What a user asks of the hub.</content>
public sealed partial class AgentClient
{
    /// <summary>Sends a user's message; without a thread the hub creates one. A <c>message_id</c> is added when missing.</summary>
    /// <exception cref="HubClientException"><c>agent_not_available</c> when no worker for the target is free; nothing was sent then.</exception>
    public Task<MessageAccepted> SendMessageAsync(SendMessage message, CancellationToken cancellationToken = default) =>
        Call<MessageAccepted>(nameof(IAgentHub.SendMessage), cancellationToken, Wire.Element(message with { MessageId = message.MessageId ?? Ids.New("msg_") }));

    /// <summary>As the other overload, with the text alone.</summary>
    /// <param name="target"><c>guide</c>, <c>liaison:{pillar}</c> or an agent name.</param>
    public Task<MessageAccepted> SendMessageAsync(string text, ThreadId? thread = null, string? target = null, CancellationToken cancellationToken = default) =>
        SendMessageAsync(new SendMessage(text, thread, Target: target), cancellationToken);

    /// <summary>Asks for a run without a chat message; without a thread the hub creates one.</summary>
    /// <exception cref="HubClientException"><c>agent_not_available</c> when no worker for the agent is free.</exception>
    public Task<RunAccepted> StartAgentAsync(StartAgent request, CancellationToken cancellationToken = default) =>
        Call<RunAccepted>(nameof(IAgentHub.StartAgent), cancellationToken, Wire.Element(request));

    /// <summary>Asks the worker to stop a run; its <c>agent_completed</c> with <c>cancelled</c> follows on the thread.</summary>
    public Task<Accepted> CancelRunAsync(RunId run, string? reason = null, CancellationToken cancellationToken = default) =>
        Call<Accepted>(nameof(IAgentHub.CancelRun), cancellationToken, run.Value, reason);

    /// <summary>Answers an <c>input_requested</c>.</summary>
    /// <param name="thread">The thread that asked.</param>
    /// <param name="value">Any JSON value; the agent checks it against the request's schema.</param>
    /// <exception cref="HubClientException"><c>not_found</c> when no such request is open in the thread.</exception>
    public Task<Accepted> ProvideInputAsync(ThreadId thread, string requestId, object value, CancellationToken cancellationToken = default) =>
        Call<Accepted>(nameof(IAgentHub.ProvideInput), cancellationToken, requestId, Wire.Element(value), thread.Value);

    /// <summary>Creates a thread that belongs to the caller.</summary>
    /// <param name="request">Title, members and realm; all may be left out.</param>
    /// <exception cref="HubClientException"><c>forbidden</c> for a realm that the token is not for.</exception>
    public async Task<ThreadInfo> CreateThreadAsync(CreateThread? request = null, CancellationToken cancellationToken = default) =>
        (await Call<ThreadResult>(nameof(IAgentHub.CreateThread), cancellationToken, Wire.Element(request ?? new CreateThread()))).Thread
        ?? throw new HubClientException(new HubError(ErrorCodes.Internal, "The hub gave no thread."));

    /// <summary>Renames a thread. Only its owner may.</summary>
    /// <param name="title">At most 256 characters.</param>
    /// <exception cref="HubClientException"><c>not_found</c> for a thread that is missing or somebody else's.</exception>
    public Task RenameThreadAsync(ThreadId thread, string title, CancellationToken cancellationToken = default) =>
        Call<Accepted>(nameof(IAgentHub.RenameThread), cancellationToken, thread.Value, title);

    /// <summary>Deletes a thread for all its members and ends its open runs as <c>cancelled</c>. Only its owner may.</summary>
    /// <exception cref="HubClientException"><c>not_found</c> for a thread that is missing or somebody else's.</exception>
    public Task DeleteThreadAsync(ThreadId thread, CancellationToken cancellationToken = default) =>
        Call<Accepted>(nameof(IAgentHub.DeleteThread), cancellationToken, thread.Value);

    /// <summary>The threads the caller owns or is a member of, newest first.</summary>
    public async Task<IReadOnlyList<ThreadInfo>> ListThreadsAsync(CancellationToken cancellationToken = default) =>
        (await Call<ThreadList>(nameof(IAgentHub.ListThreads), cancellationToken)).Threads;

    /// <summary>A page of the thread, oldest first.</summary>
    /// <param name="after">Pages forward from here.</param>
    /// <param name="before">Pages back from here.</param>
    /// <param name="limit">At most 1,000.</param>
    public Task<EventPage> GetHistoryAsync(
        ThreadId thread, StreamPosition? after = null, StreamPosition? before = null, int? limit = null, CancellationToken cancellationToken = default) =>
        Call<EventPage>(nameof(IAgentHub.GetHistory), cancellationToken, thread.Value, after?.ToString(), before?.ToString(), limit);

    /// <summary>Measures the way to the hub and tells its clock, unix milliseconds, and node.</summary>
    public Task<Pong> PingAsync(CancellationToken cancellationToken = default) =>
        Call<Pong>(nameof(IAgentHub.Ping), cancellationToken, Options.TimeProvider.GetUtcNow().ToUnixTimeMilliseconds());
}
