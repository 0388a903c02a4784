using System.Text.Json;
using HubService.Checker;

namespace HubService.Cluster.Tests.Rig;

/// <summary>Where a subscriber stands in one stream, by the rules of PROTOCOL.md; all that comes is recorded.</summary>
internal sealed class Subscription(Recorder recorder, string who, string tenant, string project, bool fromBeginning)
{
    private volatile Known? _at = fromBeginning ? new Known(new Position("", 0)) : null;
    private volatile bool _attached;
    private bool _asked;

    // On the present connection, once or more.
    private bool _answered;
    private Position? _askedFrom;
    private (Position Next, long Last)? _again;

    public string Project => project;

    public string Stream { get; } = $"project:{project}";

    /// <summary>Null until it knows.</summary>
    public Position? At
    {
        get => _at?.Position;
        private set => _at = value is { } position ? new Known(position) : null;
    }

    /// <summary>The call that asked for it last.</summary>
    public string Call { get; private set; } = "";

    /// <summary>It was asked for on the present connection, and answered.</summary>
    public bool Attached => _attached;

    public List<Reset> Resets { get; } = [];

    /// <summary>It is about to be asked for; returns from where.</summary>
    public Position? Ask(string call)
    {
        Position? from = At;
        Call = call;
        _askedFrom = _answered ? from : null;
        _again = null;
        _asked = true;
        recorder.Add(new Attach(who, tenant, Stream, from?.Epoch, from?.Seq ?? 0));
        return from;
    }

    public void Answer(JsonElement result)
    {
        string epoch = result.GetProperty("epoch").GetString()!;
        long top = result.GetProperty("seq").GetInt64();
        recorder.Add(new Attached(who, tenant, Stream, epoch, top, result.GetProperty("recovered").GetBoolean()));
        At ??= new Position(epoch, top);
        _again = _askedFrom is { } asked && At is { } at && at.Epoch == asked.Epoch && at.Seq > asked.Seq ? (new Position(asked.Epoch, asked.Seq + 1), at.Seq) : null;
        _answered = true;
        _attached = true;
    }

    /// <summary>Takes an event; false when it is to be asked for again, from where it stands.</summary>
    public bool Take(JsonElement envelope)
    {
        var place = new Position(envelope.GetProperty("epoch").GetString()!, envelope.GetProperty("seq").GetInt64());
        if (IsAgain(place))
        {
            return true;
        }

        recorder.Add(new Recv(who, tenant, Stream, place.Epoch, place.Seq, envelope.GetProperty("event_id").GetString()!, Content.HashOf(envelope)));
        if (At is { } at && place.Seq != at.Seq + 1)
        {
            return place.Epoch == at.Epoch && place.Seq <= at.Seq;
        }

        At = place;
        return true;
    }

    /// <summary>
    /// Asked for anew on the same connection, a stream comes from there on once more: also what the subscription before still
    /// brought between question and answer. That comes again one time, in order, because it was asked for.
    /// </summary>
    private bool IsAgain(Position place)
    {
        if (_again is not { } again || place != again.Next)
        {
            return false;
        }

        _again = place.Seq < again.Last ? (place with { Seq = place.Seq + 1 }, again.Last) : null;
        return true;
    }

    public void Lose(JsonElement lost)
    {
        long to = lost.GetProperty("to").GetInt64();
        recorder.Add(new HistoryLost(who, tenant, Stream, lost.GetProperty("from").GetInt64(), to));
        At = new Position(At?.Epoch ?? "", to);
    }

    /// <summary>False when it is to be asked for again.</summary>
    public bool GoBack(JsonElement reset)
    {
        var record = new Reset(who, tenant, Stream, reset.GetProperty("epoch").GetString()!, reset.GetProperty("last_valid").GetInt64());
        recorder.Add(record);
        lock (Resets)
        {
            Resets.Add(record);
        }

        At = new Position(record.Epoch, record.LastValid);
        return record.Epoch.Length > 0;
    }

    /// <summary>The connection is over.</summary>
    public void Disconnect()
    {
        Detach();
        _answered = false;
        _again = null;
    }

    public void Detach()
    {
        _attached = false;
        if (_asked)
        {
            _asked = false;
            recorder.Add(new Detach(who, tenant, Stream));
        }
    }

    /// <summary>So that a position is read whole.</summary>
    private sealed record Known(Position Position);
}
