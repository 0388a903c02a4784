using HubService.Access;
using HubService.Contracts;

namespace HubService.Tests.Access;

public class AuthorizerTests
{
    private static readonly bool[] Both = [false, true];

    public static TheoryData<string, string, string, bool, bool, bool> Table()
    {
        TheoryData<string, string, string, bool, bool, bool> rows = [];
        foreach (Roles role in (Roles[])[Roles.User, Roles.Publisher, Roles.Worker, Roles.Admin, Roles.User | Roles.Publisher])
        {
            foreach (Operation operation in Enum.GetValues<Operation>())
            {
                foreach (string relation in (string[])["stranger", "member", "owner"])
                {
                    foreach (bool granted in Both)
                    {
                        foreach (bool hasRealm in Both)
                        {
                            foreach (bool inRealm in Both)
                            {
                                rows.Add(role.ToString(), operation.ToString(), relation, granted, hasRealm, inRealm);
                            }
                        }
                    }
                }
            }
        }

        return rows;
    }

    [Theory]
    [MemberData(nameof(Table))]
    public async Task Decides_by_the_table(string roles, string wish, string relation, bool granted, bool hasRealm, bool inRealm)
    {
        Roles role = Enum.Parse<Roles>(roles);
        Operation operation = Enum.Parse<Operation>(wish);
        Principal principal = new("t", "alice", role, inRealm ? ["experience"] : ["other"], granted ? ["thread:a*"] : ["project:a*"], null);
        StreamFacts facts = new(true, relation == "owner" ? "alice" : "bob", relation == "member" ? ["alice"] : [], hasRealm ? "experience" : null);

        HubError? error = await new Authorizer(new Fixed(facts)).CheckAsync(principal, operation, StreamId.Thread(new ThreadId("a1")));

        Assert.Equal(Expected(role, operation, relation, granted, !hasRealm || inRealm), error?.Code);
    }

    // The rules as a reader would say them: what may this role do at all; which of the streams are near enough.
    private static string? Expected(Roles role, Operation operation, string relation, bool granted, bool realmFits)
    {
        bool admin = role == Roles.Admin;
        bool mayAtAll = admin || operation switch
        {
            Operation.Read => true,
            Operation.Publish => role != Roles.User,
            _ => role.HasFlag(Roles.User),
        };
        bool near = operation switch
        {
            Operation.Manage => relation == "owner",
            Operation.Publish => granted,
            _ => relation != "stranger" || granted,
        };
        return !mayAtAll ? ErrorCodes.Forbidden : admin || (near && realmFits) ? null : ErrorCodes.NotFound;
    }

    [Fact]
    public async Task A_missing_stream_and_a_foreign_one_get_the_same_answer()
    {
        Principal principal = new("t", "alice", Roles.User, [], [], null);
        StreamId stream = StreamId.Thread(new ThreadId("a1"));

        HubError? missing = await new Authorizer(new Fixed(StreamFacts.Missing)).CheckAsync(principal, Operation.Read, stream);
        HubError? foreign = await new Authorizer(new Fixed(new StreamFacts(true, "bob", ["carol"], null))).CheckAsync(principal, Operation.Read, stream);

        Assert.Equal(missing, foreign);
        Assert.Equal(ErrorCodes.NotFound, missing!.Code);
    }

    [Theory]
    [InlineData("alice")]
    [InlineData("alice@example.com")]
    [InlineData("auth0|5f7c8ec7c33c6c004bbafe82")]
    [InlineData("zoë")]
    [InlineData("run_alice")]
    [InlineData("sub-alice")]
    public async Task Everybody_reads_the_stream_of_their_own_and_nobody_else_s(string subject)
    {
        Authorizer authorizer = new(new Fixed(StreamFacts.Missing));
        Principal self = new("t", subject, Roles.User, [], [], null);
        Principal other = self with { Subject = "eve" };

        Assert.Null(await authorizer.CheckAsync(self, Operation.Read, UserStreams.Of(subject)));
        Assert.Equal(ErrorCodes.NotFound, (await authorizer.CheckAsync(other, Operation.Read, UserStreams.Of(subject)))!.Code);
    }

    [Fact]
    public void No_subject_can_name_the_stream_of_another()
    {
        string hashed = UserStreams.Of("alice@example.com").Id;

        Assert.NotEqual(hashed, UserStreams.Of(hashed).Id);
        Assert.True(Ids.IsValid(hashed));
    }

    [Theory]
    [InlineData("run_1", ErrorCodes.InvalidRecipient)]
    [InlineData("a b", ErrorCodes.InvalidMessage)]
    [InlineData("*", ErrorCodes.InvalidMessage)]
    [InlineData("a:b", ErrorCodes.InvalidMessage)]
    [InlineData("{x}", ErrorCodes.InvalidMessage)]
    [InlineData("", ErrorCodes.InvalidMessage)]
    public async Task A_name_that_no_stream_can_have_is_refused_even_for_admins(string id, string code)
    {
        Principal admin = new("t", "root", Roles.Admin, [], ["*"], null);

        Assert.Equal(code, (await new Authorizer(new Fixed(StreamFacts.Missing)).CheckAsync(admin, Operation.Publish, StreamId.Thread(new ThreadId(id))))!.Code);
    }

    [Theory]
    [InlineData("thread:*", "thread", "a", true)]
    [InlineData("thread:a*", "thread", "ab", true)]
    [InlineData("thread:a", "thread", "ab", false)]
    [InlineData("Thread:*", "thread", "a", false)]
    [InlineData("project:*", "thread", "a", false)]
    [InlineData("*", "thread", "a", true)]
    [InlineData("", "thread", "a", false)]
    public void A_grant_covers_what_its_pattern_says(string pattern, string kind, string id, bool covers) =>
        Assert.Equal(covers, new Principal("t", "s", Roles.Publisher, [], [pattern], null).IsGranted(new StreamId(kind, id)));

    private sealed class Fixed(StreamFacts facts) : IStreamFacts
    {
        public ValueTask<StreamFacts> OfAsync(string tenant, StreamId stream, CancellationToken cancellationToken = default) => ValueTask.FromResult(facts);
    }
}
