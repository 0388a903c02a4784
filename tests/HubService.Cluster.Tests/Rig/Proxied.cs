using System.Globalization;
using System.Text.RegularExpressions;

namespace HubService.Cluster.Tests.Rig;

/// <summary>A request that nginx passed on and that is over, as its access log tells it.</summary>
/// <param name="Began">When it came.</param>
/// <param name="Tried">Port and status of each node that was asked, in order; a status is 101 for a WebSocket that was connected, 0 when there was no answer.</param>
internal sealed partial record Proxied(DateTimeOffset Began, IReadOnlyList<(int Port, int Status)> Tried)
{
    /// <summary>Null for a line that is none of the log format's.</summary>
    public static Proxied? Read(string line)
    {
        Match match = Line().Match(line);
        if (!match.Success)
        {
            return null;
        }

        double ended = double.Parse(match.Groups["ended"].ValueSpan, CultureInfo.InvariantCulture), took = double.Parse(match.Groups["took"].ValueSpan, CultureInfo.InvariantCulture);
        IEnumerable<int> ports = match.Groups["nodes"].Value.Split(", ").Select(a => Number(a.Split(':')[^1]));
        return new Proxied(DateTimeOffset.UnixEpoch.AddSeconds(ended - took), [.. ports.Zip(match.Groups["answers"].Value.Split(", ").Select(Number))]);
    }

    private static int Number(string text) => int.TryParse(text, CultureInfo.InvariantCulture, out int number) ? number : 0;

    [GeneratedRegex(@"^\S+ \[(?<ended>[\d.]+)\] \S+ \S+ \d+ \d+ (?<took>[\d.]+) (?<nodes>[^\s,]+(, [^\s,]+)*) (?<answers>[^\s,]+(, [^\s,]+)*) ", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Line();
}
