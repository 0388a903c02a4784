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
    private const string Switch = "HUBSERVICE_WRITE_SURFACE";

    public static TheoryData<string> Packages => [typeof(HubError).Assembly.GetName().Name!, typeof(AgentClient).Assembly.GetName().Name!, typeof(RunChatClient).Assembly.GetName().Name!];

    [Theory]
    [MemberData(nameof(Packages))]
    public void Is_the_one_in_the_file(string package)
    {
        string actual = PublicSurface.Of(Assembly.Load(package));
        string path = Path.Combine(Repository.Root, $"tests/surface/{package}.txt");
        if (Environment.GetEnvironmentVariable(Switch) == "1")
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, actual);
        }

        string[] expected = File.ReadAllText(path).ReplaceLineEndings("\n").Split('\n'), now = actual.Split('\n');
        IEnumerable<string> changes = [.. expected.Except(now).Select(l => $"- {l}"), .. now.Except(expected).Select(l => $"+ {l}")];
        Assert.True(expected.SequenceEqual(now), $"The public surface of {package} has changed; {Switch}=1 writes it anew.\n{string.Join('\n', changes)}");
    }

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
