namespace HubService.Checker;

/// <summary>The way of one subscriber through one stream: what it got, and where it stood each time.</summary>
internal sealed class Walk
{
    public Walk(string who, IReadOnlyList<StreamRecord> records)
    {
        Who = who;
        var steps = new List<Step>(records.Count);
        Position? at = null;
        Attach? attach = null;
        long? firstLive = null;
        bool untold = false;
        foreach (StreamRecord record in records)
        {
            steps.Add(new Step(record, at, attach, firstLive, untold));
            switch (record)
            {
                case Attach a:
                    (attach, at, firstLive, untold, Live) = (a, a.From, null, false, false);
                    break;
                case Attached a:
                    at ??= new Position(a.Epoch, a.Top);
                    untold = attach?.From is not null && !a.Recovered && !Told(steps);
                    Live = true;
                    break;
                case Recv r:
                    firstLive ??= attach?.From is null ? r.Seq : null;
                    at = new Position(r.Epoch, r.Seq);
                    break;
                case HistoryLost h:
                    at = new Position(at?.Epoch ?? "", h.To);
                    untold = false;
                    break;
                case Reset r:
                    at = new Position(r.Epoch, r.LastValid);
                    untold = false;
                    break;
                case Detach:
                    Live = false;
                    break;
            }
        }

        (Steps, End) = (steps, at);
    }

    public string Who { get; }

    public IReadOnlyList<Step> Steps { get; }

    /// <summary>Where it stood at last.</summary>
    public Position? End { get; }

    /// <summary>True when it was attached at last.</summary>
    public bool Live { get; private set; }

    /// <summary>What the answer speaks of may already have come before it.</summary>
    private static bool Told(List<Step> steps)
    {
        for (int i = steps.Count - 1; i >= 0 && steps[i].Record is not Attach; i--)
        {
            if (steps[i].Record is HistoryLost or Reset)
            {
                return true;
            }
        }

        return false;
    }
}

/// <param name="Before">Where the subscriber stood; null when it has asked for what comes and has no answer yet.</param>
/// <param name="Attach">What it asked last.</param>
/// <param name="FirstLive">The first seq that came after asking without a position.</param>
/// <param name="Untold">The answer said that something was missed, and nobody has said what.</param>
internal readonly record struct Step(StreamRecord Record, Position? Before, Attach? Attach, long? FirstLive, bool Untold);
