using System.Globalization;
using System.Text;

namespace HubService.Benchmarks.Load.Client;

/// <summary>A publish of one group, built once: for each sending only the markers and the number of the call are written into it.</summary>
internal sealed class PublishFrame
{
    /// <summary>What a call's number is written into.</summary>
    public const int CallDigits = 9;

    private static readonly string Place = new('#', Marker.Length);
    private static readonly string CallPlace = new('0', CallDigits);

    private readonly byte[] _frame;
    private readonly int[] _markers;
    private readonly int _call;

    /// <param name="eventBytes">The size of one event as JSON.</param>
    /// <param name="batch">Events in one publish.</param>
    /// <param name="answered">True: the server answers each publish.</param>
    public PublishFrame(Dialect dialect, string group, int eventBytes, int batch, bool answered)
    {
        string events = string.Join(',', Enumerable.Repeat(Dialect.Event(Place, eventBytes), batch));
        _frame = Frames.Of(dialect.Publish(group, events, answered ? CallPlace : null));
        string text = Encoding.Latin1.GetString(_frame);
        _markers = [.. Enumerable.Range(0, batch).Select(i => NthIndex(text, Place, i))];
        _call = answered ? text.IndexOf($"\"{CallPlace}\"", StringComparison.Ordinal) + 1 : -1;
    }

    /// <param name="first">The number of the first event; the others follow.</param>
    /// <returns>What to send; good until the next call.</returns>
    public ReadOnlySpan<byte> With(long nanosecond, long first, long call = 0)
    {
        for (int i = 0; i < _markers.Length; i++)
        {
            Marker.Write(_frame.AsSpan(_markers[i], Marker.Length), nanosecond, first + i);
        }

        if (_call >= 0)
        {
            Marker.WriteDigits(_frame.AsSpan(_call, CallDigits), call);
        }

        return _frame;
    }

    /// <summary>The number of the call that is answered.</summary>
    public static long CallOf(string answer)
    {
        const string Name = "\"invocationId\":\"";
        return long.Parse(answer.AsSpan(answer.IndexOf(Name, StringComparison.Ordinal) + Name.Length, CallDigits), CultureInfo.InvariantCulture);
    }

    private static int NthIndex(string text, string searched, int n)
    {
        int at = text.IndexOf(searched, StringComparison.Ordinal);
        for (; n > 0; n--)
        {
            at = text.IndexOf(searched, at + searched.Length, StringComparison.Ordinal);
        }

        return at;
    }
}
