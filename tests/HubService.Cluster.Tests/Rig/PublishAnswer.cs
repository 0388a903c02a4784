using System.Text.Json;
using HubService.Checker;

namespace HubService.Cluster.Tests.Rig;

/// <summary>What the hub said of one event of a publish.</summary>
/// <param name="Place">Null when it was refused.</param>
/// <param name="Code">Null when it was not.</param>
internal readonly record struct PublishAnswer(Position? Place, bool Duplicate, string? Code, bool Retryable)
{
    public string Outcome => OutcomeOf(Code!);

    public static string OutcomeOf(string code) => code is "outcome_unknown" or "internal" ? "unknown" : "not_applied";

    /// <summary>One for each of the events, from the completion of the call.</summary>
    public static IEnumerable<PublishAnswer> Read(JsonElement completion, int events)
    {
        if (!completion.TryGetProperty("result", out JsonElement answer))
        {
            return Enumerable.Repeat(new PublishAnswer(null, false, "internal", Retryable: true), events);
        }

        return IsRefused(answer, out JsonElement error) ? Enumerable.Repeat(Refused(error), events) : answer.GetProperty("results").EnumerateArray().Select(ReadOne);
    }

    /// <summary>From the result of one event, as it also is over HTTP.</summary>
    public static PublishAnswer ReadOne(JsonElement result) =>
        IsRefused(result, out JsonElement error)
            ? Refused(error)
            : new PublishAnswer(
                new Position(result.GetProperty("epoch").GetString()!, result.GetProperty("seq").GetInt64()),
                result.TryGetProperty("duplicate", out JsonElement duplicate) && duplicate.ValueKind == JsonValueKind.True,
                null,
                Retryable: false);

    private static bool IsRefused(JsonElement result, out JsonElement error) => result.TryGetProperty("error", out error) && error.ValueKind == JsonValueKind.Object;

    private static PublishAnswer Refused(JsonElement error) => new(null, false, error.GetProperty("code").GetString(), error.GetProperty("retryable").GetBoolean());
}
