using HubService.Checker;
using HubService.Tests.Redis;

namespace HubService.Cluster.Tests.Rig;

/// <summary>Redis, nodes, publishers and subscribers of one test, and the record of all that happens to them.</summary>
internal sealed class Scenario : IAsyncDisposable
{
    public const string Tenant = "t1";

    private static readonly TimeSpan SettleLimit = TimeSpan.FromSeconds(30);

    private readonly string _name;
    private readonly Stack<IAsyncDisposable> _parts = new();
    private readonly HashSet<string> _projects = [];
    private readonly List<HubNode> _nodes = [];
    private readonly List<Subscriber> _subscribers = [];
    private readonly List<Publisher> _publishers = [];

    public Scenario(string name, Run? run = null)
    {
        _name = name;
        Recorder.Add(run ?? new Run(Rollback: false));
    }

    public Recorder Recorder { get; } = new();

    public IReadOnlyList<HubNode> Nodes => _nodes;

    public IReadOnlyList<Subscriber> Subscribers => _subscribers;

    public IReadOnlyList<Publisher> Publishers => _publishers;

    public RedisServer Redis { get; private set; } = null!;

    /// <summary>Two nodes, unless told otherwise, over one Redis.</summary>
    /// <param name="redisPort">Where the nodes look for Redis, if not where it is: a proxy's port, one for each node.</param>
    /// <param name="apart">The network in which the first node runs, if not that of the machine.</param>
    public static async Task<Scenario> StartAsync(string name, RedisServerOptions? redis = null, int nodes = 2, Run? run = null, Func<RedisServer, int, int>? redisPort = null, NetNamespace? apart = null, params (string Name, string Value)[] settings)
    {
        Assert.SkipUnless(Programs.Has("redis-server"), "redis-server is not installed.");
        var scenario = new Scenario(name, run);
        try
        {
            scenario.Redis = scenario.Own(await RedisServer.StartAsync(redis ?? new RedisServerOptions(AppendFsync: "everysec")));
            HubNode[] started = await Task.WhenAll(Enumerable.Range(0, nodes).Select(i =>
            {
                NetNamespace? network = i == 0 ? apart : null;
                string connection = $"{network?.RedisAddress ?? "127.0.0.1"}:{redisPort?.Invoke(scenario.Redis, i) ?? scenario.Redis.Port}";
                return HubNode.StartAsync($"{(char)('a' + i)}", [("Streams:Store", "redis"), ("Redis:Connection", connection), .. settings], network);
            }));
            foreach (HubNode node in started)
            {
                scenario._nodes.Add(scenario.Own(node));
            }

            return scenario;
        }
        catch
        {
            await scenario.DisposeAsync();
            throw;
        }
    }

    /// <summary>One node with its own file.</summary>
    public static async Task<Scenario> StartAloneAsync(string name, Run? run = null, params (string Name, string Value)[] settings)
    {
        var scenario = new Scenario(name, run);
        scenario._nodes.Add(scenario.Own(await HubNode.StartAsync("alone", settings)));
        return scenario;
    }

    /// <summary>Taken down with the scenario, the latest first.</summary>
    public T Own<T>(T part)
        where T : IAsyncDisposable
    {
        lock (_parts)
        {
            _parts.Push(part);
        }

        return part;
    }

    /// <summary>Subscribers that go to the nodes in turn, at first and each time they come back.</summary>
    public IReadOnlyList<Subscriber> Subscribe(int count, IReadOnlyList<string> projects, bool fromBeginning = true, string tenant = Tenant, Func<int, Func<Uri>>? node = null)
    {
        int first = _subscribers.Count;
        List<Subscriber> added = [];
        for (int i = first; i < first + count; i++)
        {
            added.Add(Own(new Subscriber(Recorder, $"s{i}", tenant, node?.Invoke(i) ?? InTurn(i), [projects[i % projects.Count]], fromBeginning)));
        }

        _subscribers.AddRange(added);
        return added;
    }

    public IReadOnlyList<Publisher> Publish(int count, int batch = 1, string tenant = Tenant, Func<int, Func<Uri>>? node = null)
    {
        int first = _publishers.Count;
        List<Publisher> added = [.. Enumerable.Range(first, count).Select(i => Own(new Publisher(Recorder, $"p{i}", tenant, node?.Invoke(i) ?? InTurn(i), batch)))];
        _publishers.AddRange(added);
        return added;
    }

    /// <summary>All publishers together publish at a rate, in turn to each project, until told to stop.</summary>
    public Load StartLoad(IReadOnlyList<string> projects, double perSecond, int bytes = 40) =>
        Own(new Load(until => Task.WhenAll(_publishers.Select(p => p.LoadAsync(projects, perSecond / _publishers.Count, until, bytes)).ToArray())));

    public Func<Uri> InTurn(int first)
    {
        int next = first;
        return () => _nodes[Interlocked.Increment(ref next) % _nodes.Count].Url;
    }

    /// <summary>How many events all publishers have had acknowledged.</summary>
    public int AcknowledgedCount => _publishers.Sum(p => p.Acknowledged.Count);

    /// <summary>So many more are acknowledged; the time that took.</summary>
    public Task<TimeSpan> AcknowledgedAsync(int more)
    {
        int enough = AcknowledgedCount + more;
        return Waiting.UntilAsync($"{more} more are acknowledged", SettleLimit, () => AcknowledgedCount >= enough);
    }

    /// <summary>How many subscribers are attached.</summary>
    public int LiveCount => _subscribers.Count(s => s.IsLive);

    /// <summary>Every subscriber is attached.</summary>
    public async Task<TimeSpan> LiveAsync(TimeSpan? limit = null) =>
        await Waiting.UpToAsync(limit ?? SettleLimit, () => _subscribers.All(s => s.IsLive))
        ?? throw new TimeoutException($"Not attached: {string.Join('\n', _subscribers.Where(s => !s.IsLive).Select(s => $"{s.Who} ({s.Connects} connects) {s.State}"))}");

    /// <summary>Everything is acknowledged and has come everywhere; the time that took, from now.</summary>
    public async Task<TimeSpan> SettleAsync(TimeSpan? limit = null)
    {
        TimeSpan published = await Waiting.UntilAsync("everything is acknowledged", SettleLimit, () => _publishers.All(p => p.IsIdle));
        HashSet<string> streams = [.. Recorder.Records.OfType<StreamRecord>().Select(r => r.Stream["project:".Length..])];
        _projects.UnionWith(streams);
        using var dump = new StoreDump(_nodes[0].Url, Tenant);
        Dictionary<string, Position> heads = [];
        foreach (string project in streams)
        {
            heads[project] = await dump.HeadAsync(project);
        }

        // Whoever is not there by then is found by the checker, by name.
        TimeSpan? came = await Waiting.UpToAsync(limit ?? SettleLimit, () => _subscribers.All(s => s.IsLive && s.Projects.All(p => !heads.TryGetValue(p, out Position head) || s.At(p) is { } at && at.Seq == head.Seq)));
        return published + (came ?? limit ?? SettleLimit);
    }

    /// <summary>Settles, reads the store, and lets the checker judge everything.</summary>
    public async Task<IReadOnlyList<Finding>> JudgeAsync(TimeSpan? limit = null)
    {
        Figures.Report(_name, $"settled in {(await SettleAsync(limit)).TotalMilliseconds:0} ms");
        using var dump = new StoreDump(_nodes[0].Url, Tenant);
        foreach (string project in _projects)
        {
            await dump.ReadAsync(Recorder, project);
        }

        Recorder.End();
        var history = new History(Recorder.Records);
        Figures.Report(_name, $"{history.Records.OfType<PubOk>().Count()} acknowledged, {history.Records.OfType<PubFail>().Count()} failed, {history.Records.OfType<Recv>().Count()} received, {history.Records.OfType<Attached>().Count()} attached, {history.Records.OfType<Reset>().Count()} reset");
        return Checks.Run(history);
    }

    /// <summary>Settles, and fails with what the checker found and where the history lies.</summary>
    public async Task AssertSoundAsync()
    {
        IReadOnlyList<Finding> findings = await JudgeAsync();
        if (findings.Count > 0)
        {
            string folder = Directory.CreateDirectory(Path.Combine(AppContext.BaseDirectory, "histories", _name)).FullName;
            HistoryFile.Write(Path.Combine(folder, "history.jsonl"), Recorder.Records);
            Assert.Fail($"{findings.Count} findings; the history lies in {folder}\n{string.Join('\n', findings.Take(20))}\n{string.Join('\n', _nodes.Select(n => $"--- {n.Name}\n{n.Output}"))}");
        }
    }

    public async ValueTask DisposeAsync()
    {
        Recorder.End();
        while (_parts.TryPop(out IAsyncDisposable? part))
        {
            await part.DisposeAsync();
        }
    }
}
