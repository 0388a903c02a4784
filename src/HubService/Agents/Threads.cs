using System.Text.Json;
using HubService.Access;
using HubService.Contracts;
using HubService.Contracts.Agents;
using HubService.Publishing;
using HubService.Streams;
using Microsoft.Extensions.Options;

namespace HubService.Agents;

/// <summary>Creates, lists and changes threads. A thread is known to its members through their own user streams.</summary>
internal sealed class Threads(OpenStreams streams, Authorizer authorizer, EventLimits limits, IOptions<AgentOptions> options, TimeProvider time)
{
    /// <param name="id">Where the same request, sent again, must find the same thread.</param>
    public async Task<ThreadResult> CreateAsync(Principal caller, CreateThread request, ThreadId? id = null)
    {
        if (CheckTitle(request.Title) is { } badTitle)
        {
            return new ThreadResult { Error = badTitle };
        }

        List<string> members = [.. (request.Members ?? []).Where(m => m != caller.Subject).Distinct(StringComparer.Ordinal)];
        if (CheckMembers(members, members) is { } badMembers)
        {
            return new ThreadResult { Error = badMembers };
        }

        if (limits.Check("metadata", request.Metadata is null ? null : JsonSerializer.SerializeToElement(request.Metadata, ContractJson.Default.JsonObject)) is { } tooMuch)
        {
            return new ThreadResult { Error = tooMuch };
        }

        if (request.Realm is { } realm && !caller.Realms.Contains(realm))
        {
            return new ThreadResult { Error = new HubError(ErrorCodes.Forbidden, $"Your token is not for realm '{realm}'.").With("field", "realm") };
        }

        var info = new ThreadInfo(id ?? ThreadId.New(), request.Title, caller.Subject, members, request.Realm, time.GetUtcNow());
        var created = new ThreadCreated(request.Title, members, request.Metadata, request.Realm);
        EventDraft draft = EventDraft.ByHub("thread_created", created, userId: caller.Subject);
        Outcome outcome = await streams.SubmitAsync(new StreamKey(caller.Tenant, StreamId.Thread(info.ThreadId)), state => state.Facts.Exists ? Decision.Look(null) : Decision.Append(draft));
        if (outcome.Refusal is { } error)
        {
            return new ThreadResult { Error = error };
        }

        if (outcome.Results.Count > 0)
        {
            await TellMembersAsync(caller.Tenant, "thread_created", info, [caller.Subject, .. members]);
        }

        return new ThreadResult { Thread = info };
    }

    public async Task<ThreadList> ListAsync(Principal caller)
    {
        Outcome outcome = await streams.SubmitAsync(new StreamKey(caller.Tenant, UserStreams.Of(caller.Subject)), static state => Decision.Look(((UserState)state).Threads));
        return outcome.Error is { } error
            ? new ThreadList { Error = error }
            : new ThreadList { Threads = (IReadOnlyList<ThreadInfo>)outcome.Answer! };
    }

    public async Task<ThreadResult> GetAsync(Principal caller, ThreadId thread)
    {
        if (await authorizer.CheckAsync(caller, Operation.Read, StreamId.Thread(thread)) is { } refused)
        {
            return new ThreadResult { Error = refused };
        }

        Outcome outcome = await streams.SubmitAsync(KeyOf(caller, thread), state => state.Facts.Exists ? Decision.Look(Info(thread, (ThreadState)state)) : Missing(thread));
        return outcome.Error is { } error ? new ThreadResult { Error = error } : new ThreadResult { Thread = (ThreadInfo)outcome.Answer! };
    }

    /// <summary>Changes title or members; what is null stays.</summary>
    public async Task<ThreadResult> UpdateAsync(Principal caller, ThreadId thread, string? title, Func<IReadOnlyCollection<string>, IEnumerable<string>>? change = null)
    {
        if ((CheckTitle(title) ?? await authorizer.CheckAsync(caller, Operation.Manage, StreamId.Thread(thread))) is { } refused)
        {
            return new ThreadResult { Error = refused };
        }

        IReadOnlyCollection<string> before = [];
        Outcome outcome = await streams.SubmitAsync(KeyOf(caller, thread), state =>
        {
            if (!state.Facts.Exists)
            {
                return Missing(thread);
            }

            before = state.Facts.Members;
            List<string>? members = change is null ? null : [.. change(before).Where(m => m != state.Facts.Owner).Distinct(StringComparer.Ordinal)];
            return members is not null && CheckMembers(members, members.Except(before, StringComparer.Ordinal)) is { } bad
                ? Decision.Refuse(bad)
                : Decision.Append(EventDraft.ByHub("thread_updated", new ThreadUpdated(title, members), userId: caller.Subject));
        });
        if ((outcome.Error ?? outcome.Results[0].Error) is { } error)
        {
            return new ThreadResult { Error = error };
        }

        ThreadInfo info = (ThreadInfo)(await streams.SubmitAsync(KeyOf(caller, thread), state => Decision.Look(Info(thread, (ThreadState)state)))).Answer!;
        await TellMembersAsync(caller.Tenant, "thread_updated", info, [info.Owner, .. info.Members]);
        await TellMembersAsync(caller.Tenant, "thread_deleted", info, before.Except(info.Members, StringComparer.Ordinal));
        return new ThreadResult { Thread = info };
    }

    public async Task<Accepted> DeleteAsync(Principal caller, ThreadId thread)
    {
        if (await authorizer.CheckAsync(caller, Operation.Manage, StreamId.Thread(thread)) is { } refused)
        {
            return new Accepted { Error = refused };
        }

        ThreadInfo? info = null;
        Outcome outcome = await streams.SubmitAsync(KeyOf(caller, thread), state =>
        {
            var s = (ThreadState)state;
            if (!s.Facts.Exists)
            {
                return Missing(thread);
            }

            info = Info(thread, s);
            IEnumerable<EventDraft> endings = s.Runs.Keys.SelectMany(run => s.Ending(run, RunStatus.Cancelled, "The thread was deleted.", time.GetUtcNow()));
            return new Decision([.. endings, EventDraft.ByHub("thread_deleted", new ThreadDeleted(), userId: caller.Subject)]);
        });
        if (outcome.Error is { } error)
        {
            return new Accepted { Error = error };
        }

        await TellMembersAsync(caller.Tenant, "thread_deleted", info!, [info!.Owner, .. info.Members]);
        return new Accepted { Seq = outcome.Head };
    }

    private async Task TellMembersAsync(string tenant, string type, ThreadInfo info, IEnumerable<string> users)
    {
        JsonElement payload = JsonSerializer.SerializeToElement(info, ContractJson.Default.ThreadInfo);
        foreach (string user in users)
        {
            EventDraft draft = new(type, Ids.New("evt_"), false, payload, info.Owner, ThreadId: info.ThreadId.Value);
            await streams.SubmitAsync(new StreamKey(tenant, UserStreams.Of(user)), _ => Decision.Append(draft));
        }
    }

    /// <param name="added">Those that were not members before.</param>
    private HubError? CheckMembers(List<string> members, IEnumerable<string> added) =>
        members.Count > options.Value.MaxMembers ? HubError.Invalid("members", $"at most {options.Value.MaxMembers} are allowed.")
        : !added.All(PrincipalReader.IsSubject) ? HubError.Invalid("members", "a member is the subject of a token: 1 to 128 printable characters without surrounding blanks.")
        : null;

    private static HubError? CheckTitle(string? title) =>
        title is { Length: > 256 } ? HubError.Invalid("title", "at most 256 characters are allowed.") : null;

    /// <summary>As the authoriser answers; whoever is granted every thread gets here.</summary>
    private static Decision Missing(ThreadId thread) => Decision.Refuse(ErrorCodes.NotFound, $"There is no {StreamKind.Thread} '{thread}' for you.");

    private static StreamKey KeyOf(Principal caller, ThreadId thread) => new(caller.Tenant, StreamId.Thread(thread));

    private static ThreadInfo Info(ThreadId thread, ThreadState state) =>
        new(thread, state.Title, state.Facts.Owner ?? "", [.. state.Facts.Members], state.Facts.Realm, state.CreatedAt);
}
