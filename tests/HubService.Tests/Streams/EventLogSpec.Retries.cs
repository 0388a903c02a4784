using System.Text.Json;
using HubService.Agents;
using HubService.Contracts;
using HubService.Publishing;
using HubService.Streams;
using Microsoft.Extensions.Logging.Abstractions;

namespace HubService.Tests.Streams;

/// <summary>
/// Publishing over each log. An id that came again was answered as a duplicate whatever came with it, so that the event of
/// another publisher, or another event of the same one, was lost without a word.
/// </summary>
public abstract partial class EventLogSpec
{
    private static readonly StreamKey User1 = new("acme", StreamKind.User, "ada");

    [Fact]
    public async Task A_retry_is_a_duplicate_however_its_json_is_written()
    {
        OpenStreams streams = Streams();
        await Submit(streams, Said("e1", """{"status":"s","message":"m"}"""), Said("e2", """{"status":"other"}"""));

        IReadOnlyList<PublishResult> again = await Submit(streams, Said("e2", """{"status":"other"}"""), Said("e1", """{ "message": "\u006d", "status":"s"}"""));

        Assert.Equal([(null, 2L, true), (null, 1L, true)], again.Select(r => (r.Error, r.Seq!.Value, r.Duplicate)));
        Assert.Equal(2, (await Log.HeadAsync(User1)).Seq);
    }

    [Theory]
    [InlineData("svc", "status_update", "run_1", """{"status":"s"}""", false)]
    [InlineData("other", "status_update", "run_1", """{"status":"s"}""", true)]
    [InlineData("svc", "progress_update", "run_1", """{"status":"s"}""", true)]
    [InlineData("svc", "status_update", "run_2", """{"status":"s"}""", true)]
    [InlineData("svc", "status_update", "run_1", """{"status":"t"}""", true)]
    [InlineData("svc", "status_update", "run_1", """{"status":"s","more":1}""", true)]
    [InlineData("svc", "status_update", "run_1", """{"status":"\ud800"}""", true)]
    public async Task Another_event_under_a_used_id_is_refused_later_and_within_the_batch(string publisher, string type, string run, string payload, bool refused)
    {
        OpenStreams streams = Streams();
        EventDraft first = Said("e1", """{"status":"s"}""") with { RunId = "run_1" }, second = Said("e1", payload) with { Type = type, UserId = publisher, RunId = run };

        PublishResult inBatch = (await Submit(streams, first, second, Said("e2", "{}")))[1];
        PublishResult later = (await Submit(streams, second))[0];

        Assert.Equal(refused, !inBatch.Duplicate);
        Assert.Equal(refused, !later.Duplicate);
        Assert.All([inBatch, later], r => Assert.Equal(refused ? ("invalid_message", "event_id") : (null, null), (r.Error?.Code, r.Error?.Details?["field"]?.GetValue<string>())));
        Assert.Equal(2, (await Log.HeadAsync(User1)).Seq);
    }

    [Fact]
    public async Task A_retry_of_many_pages_and_of_what_retention_took_is_a_duplicate()
    {
        OpenStreams streams = Streams();
        Options.User.Events = 1_500;
        for (int i = 0; i < 2_000; i += 400)
        {
            await Submit(streams, [.. Enumerable.Range(i, 400).Select(n => Said($"e{n}", "{}"))]);
        }

        IReadOnlyList<PublishResult> again = await Submit(streams, [.. Enumerable.Range(0, 200).Select(n => Said($"e{n * 10}", n == 199 ? """{"new":1}""" : "{}"))]);

        Assert.All(again.SkipLast(1), (r, i) => Assert.Equal((i * 10L) + 1, r.Seq));
        Assert.Equal("invalid_message", again[^1].Error?.Code);
    }

    private OpenStreams Streams() => new(
        Log,
        [new UserRules()],
        rollbacks: null!,
        Microsoft.Extensions.Options.Options.Create(new PublishOptions()),
        Clock,
        NullLogger<OpenStreams>.Instance);

    private static async Task<IReadOnlyList<PublishResult>> Submit(OpenStreams streams, params EventDraft[] drafts) =>
        (await streams.SubmitAsync(User1, _ => new Decision(drafts), drafts)).Results;

    private static EventDraft Said(string id, string payload) => new("status_update", id, FromPublisher: true, JsonElement.Parse(payload), "svc");
}
