using HubService.Checker;

namespace HubService.Cluster.Tests.Checking;

/// <summary>Sends events one behind the other, loses answers, sends again.</summary>
internal sealed class GeneratedPublisher(Random random, GeneratedService service, string who)
{
    private readonly Queue<Sent> _sent = new();
    private readonly Queue<Sent> _applied = new();
    private readonly Queue<(string EventId, string Hash)> _again = new();
    private readonly List<(Sent Event, long Seq)> _acknowledged = [];
    private int _count;

    public void Step()
    {
        switch (random.Next(4))
        {
            case 0:
                Send();
                break;
            case 1 when _sent.Count > 0:
                Apply();
                break;
            case 2 when _applied.Count > 0:
                Answer(random.Next(6) == 0);
                break;
            case 3 when _again.Count > 0:
                (string eventId, string hash) = _again.Dequeue();
                Invoke(eventId, hash);
                break;
        }
    }

    public void Finish()
    {
        while (_sent.Count > 0)
        {
            Apply();
        }

        while (_applied.Count > 0)
        {
            Answer(lost: false);
        }
    }

    /// <summary>It hears which of its events are gone, and sends some of them again; it does not hear of those that were not answered yet.</summary>
    public void FailOver(long kept)
    {
        Sent[] waiting = [.. _applied];
        _applied.Clear();
        foreach (Sent sent in waiting)
        {
            service.Add(new PubFail(who, service.Tenant, service.Stream, sent.EventId, "outcome_unknown", "unknown"));
        }

        if (_acknowledged.RemoveAll(a => a.Seq > kept && Again(a.Event)) > 0)
        {
            service.Add(new RolledBack(who, service.Tenant, service.Stream, service.Epoch, kept));
        }
    }

    private bool Again(Sent sent)
    {
        if (random.Next(2) == 0)
        {
            _again.Enqueue((sent.EventId, sent.Hash));
        }

        return true;
    }

    private void Send()
    {
        for (int i = random.Next(1, 4); i > 0; i--)
        {
            string eventId = $"{service.Tenant}-{service.Stream}-{who}-{++_count}";
            Invoke(eventId, $"h{eventId}");
        }
    }

    private void Invoke(string eventId, string hash)
    {
        service.Add(new PubInvoke(who, service.Tenant, service.Stream, eventId, hash));
        _sent.Enqueue(new Sent(eventId, hash));
    }

    private void Apply()
    {
        Sent sent = _sent.Dequeue();
        if (random.Next(15) == 0)
        {
            service.Add(new PubFail(who, service.Tenant, service.Stream, sent.EventId, "store_unavailable", "not_applied"));
            Maybe(sent);
            return;
        }

        (long seq, bool duplicate) = service.Append(sent.EventId, sent.Hash);
        _applied.Enqueue(sent with { Epoch = service.Epoch, Seq = seq, Duplicate = duplicate });
    }

    private void Answer(bool lost)
    {
        Sent sent = _applied.Dequeue();
        if (lost)
        {
            service.Add(new PubFail(who, service.Tenant, service.Stream, sent.EventId, "outcome_unknown", "unknown"));
            Maybe(sent);
            return;
        }

        service.Add(new PubOk(who, service.Tenant, service.Stream, sent.EventId, sent.Epoch, sent.Seq, sent.Duplicate));
        _acknowledged.Add((sent, sent.Seq));
    }

    private void Maybe(Sent sent)
    {
        if (random.Next(2) == 0)
        {
            _again.Enqueue((sent.EventId, sent.Hash));
        }
    }

    private sealed record Sent(string EventId, string Hash, string Epoch = "", long Seq = 0, bool Duplicate = false);
}
