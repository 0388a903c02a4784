namespace HubService.Checker;

/// <summary>Everything that was recorded in one scenario, in the order of time.</summary>
internal sealed class History
{
    public History(IEnumerable<HistoryRecord> records)
    {
        Records = [.. records.OrderBy(r => r.At)];
        Run = Records.OfType<Run>().LastOrDefault() ?? new Run(Rollback: false);
        Streams = [.. Records.OfType<StreamRecord>().GroupBy(r => r.Key).Select(g => new StreamHistory(g.Key, [.. g]))];
    }

    public IReadOnlyList<HistoryRecord> Records { get; }

    public Run Run { get; }

    public IReadOnlyList<StreamHistory> Streams { get; }
}

/// <summary>Everything that was recorded of one stream of one tenant, in the order of time.</summary>
internal sealed class StreamHistory
{
    public StreamHistory(string key, IReadOnlyList<StreamRecord> records)
    {
        Key = key;
        Invokes = records.OfType<PubInvoke>().ToLookup(r => r.EventId);
        Oks = [.. records.OfType<PubOk>()];
        OksOf = Oks.ToLookup(r => r.EventId);
        Fails = records.OfType<PubFail>().ToLookup(r => r.EventId);
        RolledBacks = records.OfType<RolledBack>().ToLookup(r => r.Who);
        Received = [.. records.OfType<Recv>()];
        Dump = records.OfType<Dump>().LastOrDefault();
        Entries = [.. records.OfType<Entry>().OrderBy(e => e.Seq)];
        Branches = new Branches(Dump);
        Walks = [.. records.Where(r => r is Attach or Attached or Recv or HistoryLost or Reset or Detach).GroupBy(r => r.Who).Select(g => new Walk(g.Key, [.. g]))];
    }

    public string Key { get; }

    /// <summary>By event id, each in the order of time.</summary>
    public ILookup<string, PubInvoke> Invokes { get; }

    public IReadOnlyList<PubOk> Oks { get; }

    public ILookup<string, PubOk> OksOf { get; }

    public ILookup<string, PubFail> Fails { get; }

    /// <summary>By publisher.</summary>
    public ILookup<string, RolledBack> RolledBacks { get; }

    public IReadOnlyList<Recv> Received { get; }

    /// <summary>What each subscriber went through.</summary>
    public IReadOnlyList<Walk> Walks { get; }

    public Dump? Dump { get; }

    /// <summary>What the store held at the end, by seq.</summary>
    public IReadOnlyList<Entry> Entries { get; }

    public Branches Branches { get; }

    /// <summary>Every place an event was seen at: by a subscriber, in an answer, in the store. The hash is null in answers.</summary>
    public IEnumerable<(Position At, string EventId, string? Hash, string Who)> Sightings() =>
        Received.Select(r => (Branches.Canonical(r.Epoch, r.Seq), r.EventId, (string?)r.Hash, r.Who))
            .Concat(Oks.Select(o => (Branches.Canonical(o.Epoch, o.Seq), o.EventId, (string?)null, o.Who)))
            .Concat(Entries.Select(e => (new Position(Branches.Last, e.Seq), e.EventId, (string?)e.Hash, e.Who)));
}
