using System.Text.Json;
using HubService.Contracts;
using HubService.Streams;

namespace HubService.Cluster;

/// <summary>Calls that need what the keeper of a stream has in memory, whichever node was asked.</summary>
internal sealed class KeeperCalls(ICluster cluster, Keepers keepers)
{
    /// <summary>A keeper that takes longer has a problem, and whoever waits wants to know.</summary>
    private static readonly TimeSpan Within = TimeSpan.FromSeconds(2);

    /// <summary>Says what this node does when another one calls. Set before the cluster starts.</summary>
    public void Answer<TCall, TAnswer>(NodeCall<TCall, TAnswer> call, Func<TCall, Task<TAnswer>> here)
        where TAnswer : HubResult, new() => cluster.Handle(call.Topic, async message =>
        {
            TAnswer answer;
            try
            {
                answer = await here(JsonSerializer.Deserialize(message.Span, call.Call)!);
            }
            catch (LogException e)
            {
                answer = new TAnswer { Error = new HubError(e.Code, e.Message) };
            }

            return JsonSerializer.SerializeToUtf8Bytes(answer, call.Answer);
        });

    /// <summary>
    /// Runs where the stream's keeper is; here, when the keeper cannot be reached and certainly did nothing, for what is decided is
    /// decided at the stream's head. The answer is <c>outcome_unknown</c> when the keeper may have done it and does not say.
    /// </summary>
    public async Task<TAnswer> RunAsync<TCall, TAnswer>(StreamKey stream, NodeCall<TCall, TAnswer> call, Func<TCall> asked, Func<Task<TAnswer>> here)
        where TAnswer : HubResult, new()
    {
        string keeper = keepers.KeeperOf(stream);
        return keeper == cluster.Self ? await here() : await AskAsync(keeper, call, asked()) ?? await here();
    }

    /// <summary>Asks one other node; null when it is not there and certainly did nothing.</summary>
    public async Task<TAnswer?> AskAsync<TCall, TAnswer>(string node, NodeCall<TCall, TAnswer> call, TCall asked)
        where TAnswer : HubResult, new()
    {
        try
        {
            ReadOnlyMemory<byte> answer = await cluster.AskAsync(node, call.Topic, JsonSerializer.SerializeToUtf8Bytes(asked, call.Call), Within);
            return JsonSerializer.Deserialize(answer.Span, call.Answer)!;
        }
        catch (NodeException e) when (!e.MaybeDone)
        {
            return null;
        }
        catch (NodeException)
        {
            return new TAnswer { Error = new HubError(ErrorCodes.OutcomeUnknown, "The node that keeps the stream did not answer in time; it may still act.") };
        }
    }

    /// <summary>Asks every other node that takes work. <c>All</c> says that each of them answered.</summary>
    public async Task<(IReadOnlyList<TAnswer> Answers, bool All)> AskOthersAsync<TCall, TAnswer>(NodeCall<TCall, TAnswer> call, TCall asked)
        where TAnswer : HubResult, new()
    {
        string[] others = [.. cluster.Nodes.Where(n => n != cluster.Self)];
        if (others.Length == 0)
        {
            return ([], true);
        }

        IReadOnlyDictionary<string, ReadOnlyMemory<byte>> answers = await cluster.AskOthersAsync(call.Topic, JsonSerializer.SerializeToUtf8Bytes(asked, call.Call), Within);
        return ([.. answers.Values.Select(a => JsonSerializer.Deserialize(a.Span, call.Answer)!)], others.All(answers.ContainsKey));
    }
}
