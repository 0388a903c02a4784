using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using HubService.Checker;

namespace HubService.Cluster.Tests.Rig;

/// <summary>Publishes single events over HTTP, one after the other, and says what came of each attempt.</summary>
internal sealed class HttpPublisher : IDisposable
{
    private readonly Recorder _recorder;
    private readonly string _tenant;
    private readonly string _who;
    private readonly HttpClient _http = DirectHttp.To();

    public HttpPublisher(Recorder recorder, string who, string tenant)
    {
        _recorder = recorder;
        _tenant = tenant;
        _who = who;
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", HubToken.Publisher(who, tenant));
        _http.Timeout = TimeSpan.FromSeconds(60);
    }

    /// <param name="patience">After this the request is given up, and nobody knows.</param>
    public async Task<Attempt> PublishAsync(Uri node, Sent sent, TimeSpan? patience = null)
    {
        using CancellationTokenSource limit = new(patience ?? TimeSpan.FromSeconds(30));
        long start = Stopwatch.GetTimestamp();
        _recorder.Add(new PubInvoke(_who, _tenant, sent.Stream, sent.EventId, sent.Hash, "http"));
        try
        {
            using HttpResponseMessage answer = await _http.PostAsJsonAsync(new Uri(node, $"/api/v1/projects/{sent.Project}/events"), Content.Event(sent.EventId.Length > 0 ? sent.EventId : null, sent.Text), limit.Token);
            JsonElement body = await answer.Content.ReadFromJsonAsync<JsonElement>(limit.Token);
            TimeSpan took = Stopwatch.GetElapsedTime(start);
            if (answer.StatusCode == HttpStatusCode.OK)
            {
                PublishAnswer answered = PublishAnswer.ReadOne(body);
                Position place = answered.Place!.Value;
                _recorder.Add(new PubOk(_who, _tenant, sent.Stream, sent.EventId, place.Epoch, place.Seq, answered.Duplicate));
                sent.Acknowledge(place);
                return new Attempt(place, null, took);
            }

            string code = body.GetProperty("code").GetString()!;
            return Fail(sent, code, PublishAnswer.OutcomeOf(code), took);
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException or IOException or JsonException)
        {
            return Fail(sent, "no_answer", "unknown", Stopwatch.GetElapsedTime(start));
        }
    }

    public void Dispose() => _http.Dispose();

    private Attempt Fail(Sent sent, string code, string outcome, TimeSpan took)
    {
        _recorder.Add(new PubFail(_who, _tenant, sent.Stream, sent.EventId, code, outcome));
        return new Attempt(null, code, took);
    }
}

/// <param name="Place">Null when it was not acknowledged.</param>
/// <param name="Code">The error; null when it was acknowledged.</param>
internal sealed record Attempt(Position? Place, string? Code, TimeSpan Took);
