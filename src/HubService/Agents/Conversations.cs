using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using HubService.Access;
using HubService.Cluster;
using HubService.Contracts;
using HubService.Contracts.Agents;
using HubService.Publishing;
using HubService.Streams;
using HubService.Validation;
using Microsoft.AspNetCore.SignalR;
using Microsoft.Extensions.Options;

namespace HubService.Agents;

/// <summary>
/// What a person says to agents: messages and run requests, each routed to one worker by the thread's keeper, and answers to what agents ask.
/// </summary>
internal sealed class Conversations(
    OpenStreams streams,
    Threads threads,
    Authorizer authorizer,
    AgentWorkers workers,
    RunLeases leases,
    OpenInputs inputs,
    EventLimits limits,
    KeeperCalls calls,
    IHubContext<AgentHub, IAgentClient> hub,
    IOptions<AgentOptions> options)
{
    private readonly ConcurrentDictionary<string, Task> _onTheirWay = new(StringComparer.Ordinal);

    /// <summary>Answers the other nodes. Called once, before the cluster starts.</summary>
    public void Listen()
    {
        calls.Answer(AgentCalls.Send, c => SendHereAsync(c.Caller, c.Message.Deserialize(ContractJson.Default.SendMessage)!, c.Thread));
        calls.Answer(AgentCalls.Start, c => StartHereAsync(c.Caller, c.Request.Deserialize(ContractJson.Default.StartAgent)!, c.Thread));
        calls.Answer(AgentCalls.Inputs, InputsHereAsync);
    }

    public async Task<MessageAccepted> SendAsync(Principal caller, SendMessage message)
    {
        if (TextCheck.Check("text", message.Text, options.Value.MaxTextLength) is { } invalid)
        {
            return new MessageAccepted { Error = invalid };
        }

        ThreadId id = message.ThreadId ?? (message.MessageId is { } retried ? NewThreadOf(caller, retried) : ThreadId.New());
        StreamKey thread = new(caller.Tenant, StreamId.Thread(id));
        return await calls.RunAsync(
            thread,
            AgentCalls.Send,
            () => new SendCall(caller, JsonSerializer.SerializeToElement(message, ContractJson.Default.SendMessage), thread),
            () => SendHereAsync(caller, message, thread));
    }

    private async Task<MessageAccepted> SendHereAsync(Principal caller, SendMessage message, StreamKey thread)
    {
        string messageId = message.MessageId ?? Ids.New("msg_");
        Handover handed = await InTurnAsync(EventIdOf(caller, messageId), () => HandOverAsync(
            caller,
            thread,
            begins: message.ThreadId is null,
            message.Target,
            new UserMessage(messageId, message.Text, message.Attachments, message.File),
            retried: message.MessageId is not null,
            message.Metadata is null ? null : JsonSerializer.SerializeToElement(message.Metadata, ContractJson.Default.JsonObject)));
        if (handed.Error is not null)
        {
            return new MessageAccepted { Error = handed.Error };
        }

        ThreadId id = new(thread.Id);
        if (handed.Worker is { } worker && !handed.Placed!.Duplicate)
        {
            await hub.Clients.Client(worker).MessageReceived(new MessageRequest(
                handed.RunId!.Value, id, caller.Subject, handed.Agent!, messageId, message.Text, message.File, message.Metadata));
        }

        return new MessageAccepted
        {
            ThreadId = id,
            MessageId = messageId,
            Seq = handed.Placed!.Seq,
            Duplicate = handed.Placed.Duplicate,
            RunId = handed.Placed.Duplicate ? null : handed.RunId,
        };
    }

    public async Task<RunAccepted> StartAsync(Principal caller, StartAgent request)
    {
        if (TextCheck.Check("user_request", request.UserRequest, options.Value.MaxTextLength) is { } invalid)
        {
            return new RunAccepted { Error = invalid };
        }

        StreamKey thread = new(caller.Tenant, StreamId.Thread(request.ThreadId ?? ThreadId.New()));
        return await calls.RunAsync(
            thread,
            AgentCalls.Start,
            () => new StartCall(caller, JsonSerializer.SerializeToElement(request, ContractJson.Default.StartAgent), thread),
            () => StartHereAsync(caller, request, thread));
    }

    private async Task<RunAccepted> StartHereAsync(Principal caller, StartAgent request, StreamKey thread)
    {
        var message = new UserMessage(Ids.New("msg_"), request.UserRequest);
        Handover handed = await HandOverAsync(caller, thread, begins: request.ThreadId is null, request.Agent ?? AgentWorkers.Guide, message, retried: false, metadata: null);
        if (handed.Error is not null)
        {
            return new RunAccepted { Error = handed.Error };
        }

        ThreadId id = new(thread.Id);
        await hub.Clients.Client(handed.Worker!).RunRequested(new RunRequest(
            handed.RunId!.Value, id, caller.Subject, handed.Agent!, request.UserRequest, request.Context, request.Settings));
        return new RunAccepted { ThreadId = id, RunId = handed.RunId };
    }

    /// <param name="threadId">Null asks for the only thread in which the caller may answer a request of this id.</param>
    public async Task<Accepted> ProvideInputAsync(Principal caller, string requestId, JsonElement value, string? threadId)
    {
        if (limits.Check("value", value) is { } invalid)
        {
            return new Accepted { Error = invalid };
        }

        if (threadId is not null)
        {
            var named = new StreamKey(caller.Tenant, StreamKind.Thread, threadId);
            return await authorizer.CheckAsync(caller, Operation.Send, named.StreamId) is { } refused
                ? new Accepted { Error = refused }
                : await ProvideInputAsync(caller, named, requestId, value);
        }

        (IReadOnlyList<StreamKey> asked, bool all) = await InputsAsync(new InputCall(caller, requestId));
        if (!all && asked.Count == 0)
        {
            return new Accepted { Error = new HubError(ErrorCodes.OutcomeUnknown, "Not every node said whether it knows of the request; name its thread by thread_id.") };
        }

        return asked.Count switch
        {
            0 => new Accepted { Error = NoRequest(requestId) },
            1 => await ProvideInputAsync(caller, asked[0], requestId, value),
            _ => new Accepted { Error = HubError.Invalid("thread_id", $"is missing: several threads have an open input request '{requestId}'.") },
        };
    }

    /// <summary>The threads in which the caller may answer the request, and whether every node said which it knows.</summary>
    private async Task<(IReadOnlyList<StreamKey> Threads, bool All)> InputsAsync(InputCall call)
    {
        (IReadOnlyList<ThreadsAsked> elsewhere, bool all) = await calls.AskOthersAsync(AgentCalls.Inputs, call);
        return ([.. elsewhere.Append(await InputsHereAsync(call)).SelectMany(t => t.Threads).Distinct()], all);
    }

    private async Task<ThreadsAsked> InputsHereAsync(InputCall call)
    {
        // Who has just been sent a request may answer before the rules have heard of it, and of two under one id both count.
        await streams.SettledAsync(call.Caller.Tenant, StreamKind.Thread);
        List<StreamKey> asked = [];
        foreach (StreamKey thread in inputs.Find(call.Caller.Tenant, call.Request))
        {
            if (await authorizer.CheckAsync(call.Caller, Operation.Send, thread.StreamId) is null)
            {
                asked.Add(thread);
            }
        }

        return new ThreadsAsked { Threads = asked };
    }

    private async Task<Accepted> ProvideInputAsync(Principal caller, StreamKey thread, string requestId, JsonElement value)
    {
        Outcome outcome = await streams.SubmitAsync(thread, state => inputs.Awaited((ThreadState)state, requestId) is { } request
            ? Decision.Append(EventDraft.ByHub("input_provided", new InputProvided(requestId, value), request.Run, userId: caller.Subject))
            : Decision.Refuse(NoRequest(requestId)));
        return outcome.Refusal is { } error
            ? new Accepted { Error = error }
            : new Accepted { Seq = outcome.Results[0].Seq };
    }

    private static HubError NoRequest(string requestId) => new(ErrorCodes.NotFound, $"There is no open input request '{requestId}' for you.");

    /// <summary>What became of a message: where it stands, and who was asked to answer it.</summary>
    private sealed record Handover(HubError? Error, RunId? RunId = null, string? Agent = null, string? Worker = null, PublishResult? Placed = null);

    /// <summary>A message that is sent again while it is on its way waits for what becomes of it.</summary>
    private async Task<Handover> InTurnAsync(string eventId, Func<Task<Handover>> handOver)
    {
        TaskCompletionSource ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
        while (_onTheirWay.GetOrAdd(eventId, ended.Task) is { } before && before != ended.Task)
        {
            await before;
        }

        try
        {
            return await handOver();
        }
        finally
        {
            _onTheirWay.TryRemove(eventId, out _);
            ended.SetResult();
        }
    }

    /// <summary>Finds a worker where one is wanted, then appends the message; nothing is appended when nobody can answer it.</summary>
    /// <param name="begins">The message begins the thread.</param>
    private async Task<Handover> HandOverAsync(Principal caller, StreamKey key, bool begins, string? target, UserMessage message, bool retried, JsonElement? metadata)
    {
        JsonElement content = JsonSerializer.SerializeToElement(message, ContractJson.Default.UserMessage);
        if ((limits.Check("message", content) ?? limits.Check("metadata", metadata)) is { } tooMuch)
        {
            return new Handover(tooMuch);
        }

        if (!begins && await authorizer.CheckAsync(caller, Operation.Send, key.StreamId) is { } refused)
        {
            return new Handover(refused);
        }

        string? realm = begins ? null : (await streams.OfAsync(caller.Tenant, key.StreamId)).Realm;
        string agent = target ?? AgentWorkers.Guide;
        RunId asked = RunId.New();
        string? worker = workers.Assign(asked, caller, agent, key, realm);
        if (worker is null && workers.ThreadsOf(caller, agent, key, realm) is { Count: > 0 } busy)
        {
            // Who has just been sent the end of a run may ask its worker again before the leases have heard of it.
            await streams.SettledAsync(busy);
            worker = workers.Assign(asked, caller, agent, key, realm);
        }

        RunId? run = worker is null ? null : asked;
        EventDraft draft = EventDraft.ByHub("user_message", message with { RunId = run }, agentName: worker is null ? null : agent, userId: caller.Subject) with { Metadata = metadata };
        draft = retried ? draft with { EventId = EventIdOf(caller, message.MessageId), FromPublisher = true } : draft;
        if (worker is null && (target is not null || workers.Serves(caller, agent)))
        {
            // The worker may be busy with this very message, sent before.
            return retried && await streams.FindSentAsync(key, draft) is { } sent
                ? new Handover(NamingMessageId(sent.Error), Placed: sent)
                : new Handover(new HubError(ErrorCodes.AgentNotAvailable, $"No worker for '{agent}' is free.").With("agent", agent));
        }

        Handover? handed = null;
        try
        {
            return handed = await PlaceAsync(caller, key, begins, message.Text, draft) with { RunId = run, Agent = agent, Worker = worker };
        }
        finally
        {
            if (worker is not null && handed is not { Error: null, Placed.Duplicate: false })
            {
                leases.Forget(key, asked.Value);
            }
        }
    }

    /// <summary>Appends the message, and before it the thread that it begins.</summary>
    private async Task<Handover> PlaceAsync(Principal caller, StreamKey key, bool begins, string text, EventDraft draft)
    {
        if (begins)
        {
            ThreadResult created = await threads.CreateAsync(caller, new CreateThread(Title: text.Length <= 80 ? text : text[..79] + "…"), new ThreadId(key.Id));
            if (created.Error is not null)
            {
                return new Handover(created.Error);
            }
        }

        Outcome outcome = await streams.SubmitAsync(key, _ => Decision.Append(draft), [draft]);
        PublishResult? placed = outcome.Error is null ? outcome.Results[0] : null;
        return new Handover(outcome.Error ?? NamingMessageId(placed?.Error), Placed: placed);
    }

    /// <summary>Whoever sends a message chose its message_id, and knows of no event_id.</summary>
    private static HubError? NamingMessageId(HubError? error) =>
        error?.Details?["field"]?.GetValue<string>() == Idempotency.EventIdField ? HubError.Invalid("message_id", "was used before, for another message.") : error;

    /// <summary>Two people may choose the same message_id; only the same person's is a retry.</summary>
    private static string EventIdOf(Principal caller, string messageId) => "msg_" + Digest(caller, messageId);

    /// <summary>A message that begins a thread and is sent again must find the thread it began.</summary>
    private static ThreadId NewThreadOf(Principal caller, string messageId) => new("thread_" + Digest(caller, messageId));

    private static string Digest(Principal caller, string messageId) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{caller.Tenant}\n{caller.Subject}\n{messageId}")).AsSpan(0, 16));
}
