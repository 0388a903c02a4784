using System.Collections.Concurrent;
using System.Text;
using HubService.Cluster;
using HubService.Tests.Client;

namespace HubService.Tests.Cluster;

/// <summary>What the nodes of one service may rely on. A cluster's tests inherit from here and say how a node joins and dies.</summary>
public abstract class ClusterSpec
{
    private protected static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    /// <summary>Joins a node, which lives when the task completes.</summary>
    /// <param name="prepare">What it answers to, given before anybody can ask.</param>
    private protected abstract Task<ICluster> JoinAsync(string name, Action<ICluster>? prepare = null);

    /// <summary>Ends a node without a word.</summary>
    private protected abstract Task KillAsync(ICluster node);

    [Fact]
    public async Task Nodes_that_join_see_each_other_in_one_order()
    {
        ICluster a = await JoinAsync("a"), b = await JoinAsync("b"), c = await JoinAsync("c");
        string[] all = [.. new[] { a.Self, b.Self, c.Self }.Order(StringComparer.Ordinal)];

        Assert.Equal(3, all.Distinct().Count());
        await Wait.Until(() => new[] { a, b, c }.All(n => n.Nodes.SequenceEqual(all)));
    }

    [Fact]
    public async Task Who_comes_and_who_is_gone_is_told_once()
    {
        ICluster a = await JoinAsync("a");
        var changes = new ConcurrentQueue<NodesChanged>();
        a.OnChanged(changes.Enqueue);
        ICluster b = await JoinAsync("b");
        await Wait.Until(() => a.Nodes.Contains(b.Self) && changes.SelectMany(c => c.Came).Contains(b.Self));
        await KillAsync(b);

        await Wait.Until(() => !a.Nodes.Contains(b.Self) && changes.SelectMany(c => c.Gone).Contains(b.Self));
        Assert.Equal([b.Self], changes.SelectMany(c => c.Came));
        Assert.Equal([b.Self], changes.SelectMany(c => c.Gone));
        Assert.Equal([a.Self], a.Nodes);
    }

    [Fact]
    public async Task A_node_that_left_takes_no_work_and_still_answers()
    {
        ICluster a = await JoinAsync("a"), b = await JoinAsync("b", static n => n.Handle("echo", Task.FromResult));
        await SeeAsync(a, b);
        await b.LeaveAsync();

        await Wait.Until(() => a.Nodes.SequenceEqual([a.Self]) && b.Nodes.SequenceEqual([a.Self]));
        Assert.Equal("still here", Text(await a.AskAsync(b.Self, "echo", Bytes("still here"), Patience)));
        Assert.Equal([b.Self], (await a.AskOthersAsync("echo", Bytes("all"), Patience)).Keys);
    }

    [Fact]
    public async Task A_node_answers_what_it_is_asked_also_by_itself()
    {
        ICluster a = await JoinAsync("a", static n => n.Handle("greet", m => Task.FromResult(Bytes($"hello {Text(m)}")))), b = await JoinAsync("b");
        await SeeAsync(a, b);

        Assert.Equal("hello b", Text(await b.AskAsync(a.Self, "greet", Bytes("b"), Patience)));
        Assert.Equal("hello a", Text(await a.AskAsync(a.Self, "greet", Bytes("a"), Patience)));
        Assert.Equal("hello ", Text(await b.AskAsync(a.Self, "greet", default, Patience)));
    }

    [Fact]
    public async Task Every_other_node_is_asked_and_the_answers_are_told_apart()
    {
        ICluster a = await JoinAsync("a"), b = await JoinAsync("b", static n => n.Handle("who", _ => Task.FromResult(Bytes("I am b")))), c = await JoinAsync("c", static n => n.Handle("who", _ => throw new InvalidOperationException("I fail.")));
        await SeeAsync(a, b, c);

        IReadOnlyDictionary<string, ReadOnlyMemory<byte>> answers = await a.AskOthersAsync("who", default, Patience);

        Assert.Equal([(b.Self, "I am b")], answers.Select(p => (p.Key, Text(p.Value))));
    }

    [Fact]
    public async Task Asking_nobody_says_that_nothing_was_done()
    {
        ICluster a = await JoinAsync("a");

        NodeException e = await Assert.ThrowsAsync<NodeException>(() => a.AskAsync("nobody", "echo", default, Patience));

        Assert.False(e.MaybeDone);
    }

    [Fact]
    public async Task A_handler_that_fails_is_an_answer_and_something_may_have_been_done()
    {
        ICluster a = await JoinAsync("a"), b = await JoinAsync("b", static n => n.Handle("fail", async _ =>
        {
            await Task.Yield();
            throw new InvalidOperationException("I fail.");
        }));
        await SeeAsync(a, b);

        Assert.True((await Assert.ThrowsAsync<NodeException>(() => a.AskAsync(b.Self, "fail", default, Patience))).MaybeDone);
        Assert.True((await Assert.ThrowsAsync<NodeException>(() => b.AskAsync(b.Self, "fail", default, Patience))).MaybeDone);
        Assert.True((await Assert.ThrowsAsync<NodeException>(() => a.AskAsync(b.Self, "unheard of", default, Patience))).MaybeDone);
    }

    [Fact]
    public async Task No_answer_within_the_time_says_that_something_may_have_been_done()
    {
        var never = new TaskCompletionSource<ReadOnlyMemory<byte>>();
        ICluster a = await JoinAsync("a"), b = await JoinAsync("b", n => n.Handle("think", _ => never.Task));
        await SeeAsync(a, b);

        NodeException e = await Assert.ThrowsAsync<NodeException>(() => a.AskAsync(b.Self, "think", default, TimeSpan.FromMilliseconds(100)));

        Assert.True(e.MaybeDone);
    }

    [Fact]
    public async Task An_ask_ends_when_the_node_dies()
    {
        var never = new TaskCompletionSource<ReadOnlyMemory<byte>>();
        var asked = new TaskCompletionSource();
        ICluster a = await JoinAsync("a"), b = await JoinAsync("b", n => n.Handle("think", _ =>
        {
            asked.SetResult();
            return never.Task;
        }));
        await SeeAsync(a, b);
        Task<ReadOnlyMemory<byte>> answer = a.AskAsync(b.Self, "think", default, TimeSpan.FromMinutes(5));
        await asked.Task.WaitAsync(Patience);
        await KillAsync(b);

        Assert.True((await Assert.ThrowsAsync<NodeException>(() => answer.WaitAsync(Patience))).MaybeDone);
    }

    [Fact]
    public async Task Words_to_a_node_arrive_in_the_order_they_were_said()
    {
        var heard = new ConcurrentQueue<int>();
        ICluster a = await JoinAsync("a"), b = await JoinAsync("b", n => n.Handle("count", m =>
        {
            heard.Enqueue(BitConverter.ToInt32(m.Span));
            return Nothing;
        }));
        await SeeAsync(a, b);
        for (int i = 0; i < 500; i += 2)
        {
            a.Tell(b.Self, "count", BitConverter.GetBytes(i));
            a.TellOthers("count", BitConverter.GetBytes(i + 1));
        }

        await Wait.Until(() => heard.Count >= 500);
        Assert.Equal(Enumerable.Range(0, 500), heard);
    }

    [Fact]
    public async Task A_handler_that_takes_its_time_holds_up_no_other_word_even_back_and_forth()
    {
        ICluster a = null!, b = null!;
        a = await JoinAsync("a", n => n.Handle("ping", async m => m.Length > 3 ? m : await a.AskAsync(b.Self, "pong", Longer(m), Patience)));
        b = await JoinAsync("b", n => n.Handle("pong", async m => await b.AskAsync(a.Self, "ping", Longer(m), Patience)));
        await SeeAsync(a, b);

        Assert.Equal(4, (await b.AskAsync(a.Self, "ping", default, Patience)).Length);

        static ReadOnlyMemory<byte> Longer(ReadOnlyMemory<byte> m) => new byte[m.Length + 1];
    }

    [Fact]
    public async Task What_a_node_tells_itself_is_handled_and_the_others_do_not_hear_it()
    {
        var heard = new ConcurrentQueue<string>();
        ICluster a = await JoinAsync("a", n => n.Handle("word", _ => Heard("a"))), b = await JoinAsync("b", n => n.Handle("word", _ => Heard("b")));
        await SeeAsync(a, b);
        a.Tell(a.Self, "word", default);
        a.TellOthers("word", default);

        await Wait.Until(() => heard.Count == 2);
        Assert.Equal(["a", "b"], heard.Order());

        Task<ReadOnlyMemory<byte>> Heard(string by)
        {
            heard.Enqueue(by);
            return Nothing;
        }
    }

    [Fact]
    public async Task Facts_are_seen_by_others_also_by_those_who_come_later()
    {
        ICluster a = await JoinAsync("a"), b = await JoinAsync("b");
        await SeeAsync(a, b);
        var told = new ConcurrentQueue<string>();
        b.OnShared("workers", told.Enqueue);
        a.Share("workers", Bytes("one"));
        a.Share("load", Bytes("7"));
        await Wait.Until(() => Fact(b, "workers", a) == "one" && Fact(b, "load", a) == "7");
        a.Share("workers", Bytes("two"));
        await Wait.Until(() => Fact(b, "workers", a) == "two" && told.Count >= 2);
        ICluster c = await JoinAsync("c");

        await Wait.Until(() => Fact(c, "workers", a) == "two");
        Assert.All(told, by => Assert.Equal(a.Self, by));
        Assert.Empty(a.SharedByOthers("workers"));
    }

    [Fact]
    public async Task Sharing_the_same_again_tells_nobody()
    {
        ICluster a = await JoinAsync("a"), b = await JoinAsync("b");
        await SeeAsync(a, b);
        var told = new ConcurrentQueue<string>();
        b.OnShared("workers", told.Enqueue);
        a.Share("workers", Bytes("one"));
        await Wait.Until(() => told.Count == 1);
        a.Share("workers", Bytes("one"));
        a.Share("end", Bytes("1"));

        await Wait.Until(() => Fact(b, "end", a) == "1");
        Assert.Single(told);
    }

    [Fact]
    public async Task A_fact_is_gone_when_it_is_empty_or_its_node_is_dead()
    {
        ICluster a = await JoinAsync("a"), b = await JoinAsync("b");
        await SeeAsync(a, b);
        var told = new ConcurrentQueue<string>();
        b.OnShared("workers", told.Enqueue);
        a.Share("workers", Bytes("one"));
        a.Share("load", Bytes("7"));
        await Wait.Until(() => Fact(b, "workers", a) == "one" && Fact(b, "load", a) == "7");
        a.Share("load", default);
        await Wait.Until(() => !b.SharedByOthers("load").ContainsKey(a.Self));
        await KillAsync(a);

        await Wait.Until(() => b.SharedByOthers("workers").Count == 0 && told.Count >= 2);
    }

    private protected static Task SeeAsync(params ICluster[] nodes) => Wait.Until(() => nodes.All(n => n.Nodes.Count == nodes.Length));

    private protected static ReadOnlyMemory<byte> Bytes(string text) => Encoding.UTF8.GetBytes(text);

    private protected static string Text(ReadOnlyMemory<byte> bytes) => Encoding.UTF8.GetString(bytes.Span);

    private protected static string? Fact(ICluster seenBy, string topic, ICluster node) => seenBy.SharedByOthers(topic).TryGetValue(node.Self, out ReadOnlyMemory<byte> fact) ? Text(fact) : null;

    private static Task<ReadOnlyMemory<byte>> Nothing => Task.FromResult(ReadOnlyMemory<byte>.Empty);
}
