using System.Text.Json;
using HubService.Client;
using HubService.Contracts;
using HubService.Tests.House;

namespace HubService.Tests.Client;

/// <summary>The table is shared with the TypeScript client, so that both make the same of the same stream.</summary>
public class CursorTests
{
    public static TheoryData<string> Names => [.. Cases().Select(c => c.GetProperty("name").GetString()!)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Follows_the_table(string name)
    {
        JsonElement table = Cases().Single(c => c.GetProperty("name").GetString() == name);
        Cursor cursor = new(Position(table.GetProperty("start")));
        foreach (JsonElement step in table.GetProperty("steps").EnumerateArray())
        {
            (string? verdict, cursor) = Take(cursor, step);
            Assert.Equal(step.TryGetProperty("verdict", out JsonElement v) ? v.GetString() : null, verdict);
            Assert.Equal(Position(step.GetProperty("position")), cursor.Position);
        }
    }

    private static (string? Verdict, Cursor Next) Take(Cursor cursor, JsonElement step)
    {
        if (step.TryGetProperty("anchor", out JsonElement anchor))
        {
            StreamPosition head = Position(anchor)!.Value;
            return (null, cursor.Anchor(head.Epoch, head.Seq));
        }

        if (step.TryGetProperty("recovered", out JsonElement recovered))
        {
            return (null, cursor.Recovered(Position(recovered.GetProperty("asked"))!.Value, recovered.GetProperty("epoch").GetString()!));
        }

        (CursorVerdict verdict, Cursor next) =
            step.TryGetProperty("event", out JsonElement e) ? cursor.Event(Position(e)!.Value.Epoch, Position(e)!.Value.Seq)
            : step.TryGetProperty("history_lost", out JsonElement lost) ? cursor.HistoryLost(lost.GetProperty("from").GetInt64(), lost.GetProperty("to").GetInt64())
            : cursor.Reset(step.GetProperty("reset").GetProperty("epoch").GetString()!, step.GetProperty("reset").GetProperty("last_valid").GetInt64());
        return (verdict.ToString().ToLowerInvariant(), next);
    }

    private static StreamPosition? Position(JsonElement text) =>
        text.ValueKind == JsonValueKind.Null ? null : StreamPosition.TryParse(text.GetString(), out StreamPosition p) ? p : throw new FormatException(text.GetString());

    private static JsonElement[] Cases() => [.. JsonElement.Parse(Repository.Read("tests/cases/cursor.json")).EnumerateArray()];
}
