namespace HubService.Checker.Invariants;

/// <summary>I9: who subscribes after an answer sees what was answered.</summary>
internal sealed class ReadYourWrites() : Invariant("I9", "The head in the answer to a subscriber covers every event that was acknowledged before it asked.")
{
    protected override IEnumerable<Finding> Check(StreamHistory stream, Run run)
    {
        Dictionary<string, Acknowledged> epochs = stream.Oks.GroupBy(o => o.Epoch).ToDictionary(g => g.Key, g => new Acknowledged([.. g]));
        foreach (Walk walk in stream.Walks)
        {
            foreach (Step step in walk.Steps)
            {
                if (step is { Record: Attached answer, Attach: { } asked } && Missed(stream.Branches, epochs, asked, answer) is { } missed)
                {
                    yield return Broken(stream, missed.Seq, walk.Who, $"was acknowledged in {missed.Epoch} before it asked, and the answer was {answer.Epoch}:{answer.Top}");
                }
            }
        }
    }

    private static Position? Missed(Branches branches, Dictionary<string, Acknowledged> epochs, Attach asked, Attached answer)
    {
        foreach ((string epoch, Acknowledged acknowledged) in epochs)
        {
            if (branches.IsLater(epoch, answer.Epoch) && acknowledged.First < asked.At)
            {
                return new Position(epoch, acknowledged.HighestBefore(asked.At, long.MaxValue));
            }

            if (branches.Common(epoch, answer.Epoch) is { } common && acknowledged.HighestBefore(asked.At, common) is var highest && highest > answer.Top)
            {
                return new Position(epoch, highest);
            }
        }

        return null;
    }

    /// <summary>The answers of one epoch, in the order of time.</summary>
    private sealed class Acknowledged(PubOk[] oks)
    {
        private readonly long[] _highest = Running(oks);

        public long First => oks[0].At;

        /// <summary>Above <paramref name="common"/> nothing counts, because it may have been rolled back.</summary>
        public long HighestBefore(long at, long common)
        {
            int low = 0, high = oks.Length;
            while (low < high)
            {
                int middle = (low + high) / 2;
                (low, high) = oks[middle].At < at ? (middle + 1, high) : (low, middle);
            }

            if (low == 0)
            {
                return 0;
            }

            return _highest[low - 1] <= common ? _highest[low - 1] : oks.Take(low).Where(o => o.Seq <= common).Select(o => o.Seq).DefaultIfEmpty(0).Max();
        }

        private static long[] Running(PubOk[] oks)
        {
            long[] highest = new long[oks.Length];
            for (int i = 0; i < oks.Length; i++)
            {
                highest[i] = Math.Max(oks[i].Seq, i == 0 ? 0 : highest[i - 1]);
            }

            return highest;
        }
    }
}
