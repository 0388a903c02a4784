using HubService.Contracts;

namespace HubService.Access;

/// <summary>What a principal wants to do with a stream.</summary>
internal enum Operation
{
    /// <summary>Subscribe, page, replay, read state or members.</summary>
    Read,

    /// <summary>Talk as a person: messages, input, confirmations, commands.</summary>
    Send,

    /// <summary>Publish events as a service.</summary>
    Publish,

    /// <summary>Rename, delete, change members.</summary>
    Manage,
}

/// <summary>
/// The one place that decides who may do what with a stream: every join, publish, replay, page and history read asks here.
/// A stream that is missing and one that is somebody else's get the same answer.
/// </summary>
internal sealed class Authorizer(IStreamFacts facts)
{
    /// <summary>Null when allowed, else what to answer.</summary>
    public async ValueTask<HubError?> CheckAsync(Principal principal, Operation operation, StreamId stream, CancellationToken cancellationToken = default)
    {
        return CheckCaller(principal, operation, stream)
            ?? CheckFacts(principal, operation, stream, await facts.OfAsync(principal.Tenant, stream, cancellationToken));
    }

    /// <summary>The part that needs to know nothing of the stream but its name: the caller's role, and the grant that publishing takes.</summary>
    public static HubError? CheckCaller(Principal principal, Operation operation, StreamId stream) =>
        CheckName(stream)
        ?? CheckRole(principal, operation)
        ?? (operation == Operation.Publish && !principal.Is(Roles.Admin) && !principal.IsGranted(stream) ? Nothing(stream) : null);

    /// <summary>The rest, for whoever holds the stream's facts in hand.</summary>
    public static HubError? CheckFacts(Principal principal, Operation operation, StreamId stream, StreamFacts facts) =>
        Allows(principal, operation, stream, facts)
            ? null
            : Nothing(stream);

    private static HubError Nothing(StreamId stream) => new HubError(ErrorCodes.NotFound, $"There is no {stream.Kind} '{stream.Id}' for you.");

    private static HubError? CheckName(StreamId stream)
    {
        if (stream.Id.StartsWith(RunId.Prefix, StringComparison.Ordinal))
        {
            return new HubError(ErrorCodes.InvalidRecipient, $"'{stream.Id}' is a run, and a run is never a recipient: use the thread it runs in.");
        }

        return Ids.IsValid(stream.Id) ? null : HubError.InvalidId($"{stream.Kind}_id");
    }

    private static HubError? CheckRole(Principal principal, Operation operation)
    {
        Roles needed = operation switch
        {
            Operation.Publish => Roles.Publisher | Roles.Worker | Roles.Admin,
            Operation.Send or Operation.Manage => Roles.User | Roles.Admin,
            _ => Roles.User | Roles.Publisher | Roles.Worker | Roles.Admin,
        };
        return principal.Is(needed) ? null : new HubError(ErrorCodes.Forbidden, $"This token's roles do not allow to {operation.ToString().ToLowerInvariant()}.");
    }

    private static bool Allows(Principal principal, Operation operation, StreamId stream, StreamFacts facts)
    {
        if (principal.Is(Roles.Admin))
        {
            return true;
        }

        if (facts.Realm is { } realm && !principal.Realms.Contains(realm, StringComparer.Ordinal))
        {
            return false;
        }

        bool granted = principal.IsGranted(stream);
        if (operation == Operation.Publish)
        {
            return granted;
        }

        bool own = stream.Kind == StreamKind.User && stream == UserStreams.Of(principal.Subject);
        bool owner = own || (facts.Owner is { } o && string.Equals(o, principal.Subject, StringComparison.Ordinal));
        bool member = owner || facts.Members.Contains(principal.Subject, StringComparer.Ordinal);
        return operation == Operation.Manage
            ? owner
            : member || granted;
    }
}
