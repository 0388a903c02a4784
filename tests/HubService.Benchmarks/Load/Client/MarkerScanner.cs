namespace HubService.Benchmarks.Load.Client;

/// <summary>Finds the markers in what arrives on one connection, in whatever pieces.</summary>
internal sealed class MarkerScanner(Action<long, long> found)
{
    private readonly byte[] _carry = new byte[Marker.Length];
    private int _carried;

    public void Scan(ReadOnlySpan<byte> piece)
    {
        // What the piece before was cut off in.
        while (_carried > 0)
        {
            int taken = Math.Min(Marker.Length - _carried, piece.Length);
            piece[..taken].CopyTo(_carry.AsSpan(_carried));
            piece = piece[taken..];
            _carried += taken;
            if (_carried < Marker.Length)
            {
                return;
            }

            int next = Report(_carry) ? -1 : Marker.Find(_carry.AsSpan(1));
            _carry.AsSpan(next + 1).CopyTo(_carry);
            _carried = next < 0 ? 0 : _carried - next - 1;
        }

        for (int at; (at = Marker.Find(piece)) >= 0;)
        {
            piece = piece[at..];
            if (piece.Length < Marker.Length)
            {
                piece.CopyTo(_carry);
                _carried = piece.Length;
                return;
            }

            piece = piece[(Report(piece) ? Marker.Length : 1)..];
        }
    }

    private bool Report(ReadOnlySpan<byte> place)
    {
        if (!Marker.TryRead(place[..Marker.Length], out long nanosecond, out long number))
        {
            return false;
        }

        found(nanosecond, number);
        return true;
    }
}
