using HubService.Checker;

namespace HubService.Cluster.Tests.Checking;

/// <summary>Comes and goes, from the beginning, from now on, from its position or an older one, and gets what is due.</summary>
internal sealed class GeneratedSubscriber(Random random, GeneratedService service, string who)
{
    private Position? _at;
    private bool _attached;

    public void Step()
    {
        if (!_attached)
        {
            Attach();
        }
        else if (random.Next(25) == 0)
        {
            service.Add(new Detach(who, service.Tenant, service.Stream));
            _attached = false;
        }
        else
        {
            Receive();
        }
    }

    public void Finish()
    {
        if (!_attached && random.Next(4) > 0)
        {
            Attach();
        }

        while (_attached && Receive())
        {
            // Until it has everything.
        }
    }

    private void Attach()
    {
        Position? from = _at is { } at
            ? random.Next(4) == 0 ? at with { Seq = Math.Max(0, at.Seq - random.Next(4)) } : at
            : random.Next(2) == 0 ? new Position("", 0) : null;
        service.Add(new Attach(who, service.Tenant, service.Stream, from?.Epoch, from?.Seq ?? 0));
        bool recovered = from is { } f && f.Seq <= service.Held(f.Epoch) && f.Seq >= service.Lowest - 1;
        service.Add(new Attached(who, service.Tenant, service.Stream, service.Epoch, service.Top, recovered));
        _at = from ?? new Position(service.Epoch, service.Top);
        _attached = true;
    }

    private bool Receive()
    {
        Position at = _at!.Value;
        if (at.Seq > service.Held(at.Epoch))
        {
            _at = new Position(service.Epoch, service.Held(at.Epoch));
            service.Add(new Reset(who, service.Tenant, service.Stream, service.Epoch, _at.Value.Seq));
        }
        else if (at.Seq < service.Lowest - 1)
        {
            service.Add(new HistoryLost(who, service.Tenant, service.Stream, at.Seq + 1, service.Lowest - 1));
            _at = at with { Seq = service.Lowest - 1 };
        }
        else if (at.Seq < service.Top)
        {
            (string eventId, string hash) = service.At(at.Seq + 1);
            _at = new Position(service.Epoch, at.Seq + 1);
            service.Add(new Recv(who, service.Tenant, service.Stream, service.Epoch, at.Seq + 1, eventId, hash));
        }
        else
        {
            return false;
        }

        return true;
    }
}
