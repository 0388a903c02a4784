using System.Globalization;
using System.Text.Json.Serialization;

namespace HubService.Benchmarks.Load.Reporting;

/// <summary>What one server was measured at in one round.</summary>
/// <param name="Error">Why it could not be measured; else null.</param>
internal sealed record Row(string Scenario, string Server, int Round, Figures Figures, string? Error)
{
    private static readonly string[] MustBeZero = ["lost", "gaps", "duplicates", "refused", "closed"];

    /// <summary>It was measured, and every event arrived once, in order.</summary>
    [JsonIgnore]
    public bool IsGood => Error is null && MustBeZero.All(f => Figures.Get(f) == 0);

    public override string ToString() => Error is not null
        ? $"{Scenario,-6} {Server,-12} failed: {Error}"
        : string.Create(CultureInfo.InvariantCulture, $"{Scenario,-6} {Server,-12} {string.Join(", ", Figures.Select(f => $"{f.Key} {Round3(f.Value)}"))}");

    private static string Round3(double value) => value.ToString(Math.Abs(value) >= 100 ? "0" : "0.###", CultureInfo.InvariantCulture);
}
