using System.Diagnostics;
using OpenTelemetry;

namespace HubService.Telemetry;

/// <summary>Takes the query string out of every span: sockets carry their <c>access_token</c> there.</summary>
internal sealed class QueryScrubber : BaseProcessor<Activity>
{
    private static readonly string[] Addresses = ["url.full", "http.url", "http.target", "url.path"];

    public override void OnEnd(Activity data)
    {
        if (data.GetTagItem("url.query") is not null)
        {
            data.SetTag("url.query", null);
        }

        foreach (string name in Addresses)
        {
            if (data.GetTagItem(name)?.ToString() is { } address && address.IndexOf('?', StringComparison.Ordinal) is >= 0 and int at)
            {
                data.SetTag(name, address[..at]);
            }
        }
    }
}
