using System.Reflection;
using HubService.Client;
using HubService.Client.AI;
using HubService.Contracts;

namespace HubService.Tests.House;

/// <summary>
/// What users of the packages compile against stands in a file per package, so that a change of it is seen in review. After a wanted
/// change run this with HUBSERVICE_WRITE_SURFACE=1 and commit the files.
/// </summary>
public class PublicSurfaceTests
{
    public static TheoryData<string> Packages => [typeof(HubError).Assembly.GetName().Name!, typeof(AgentClient).Assembly.GetName().Name!, typeof(RunChatClient).Assembly.GetName().Name!];

    [Theory]
    [MemberData(nameof(Packages))]
    public void Is_the_one_in_the_file(string package) =>
        KeptFile.AssertIs($"tests/surface/{package}.txt", PublicSurface.Of(Assembly.Load(package)), "HUBSERVICE_WRITE_SURFACE");

    [Fact]
    public void Shows_what_a_user_may_not_miss()
    {
        string surface = PublicSurface.Of(typeof(AgentClient).Assembly);

        Assert.Contains("sealed class HubService.Client.AgentClient : HubClient, IAsyncDisposable", surface, StringComparison.Ordinal);
        Assert.Contains("  IAsyncEnumerable<StreamItem> SubscribeAsync(ThreadId thread, StreamPosition? from = null, CancellationToken cancellationToken = default)", surface, StringComparison.Ordinal);
        Assert.Contains("  Func<TokenReason, CancellationToken, ValueTask<string?>>? AccessToken { get; set; }", surface, StringComparison.Ordinal);
        Assert.DoesNotContain("HubLink", surface, StringComparison.Ordinal);
    }
}
