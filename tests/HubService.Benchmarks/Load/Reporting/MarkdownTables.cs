using System.Globalization;
using System.Text;
using HubService.Benchmarks.Load.Scenarios;

namespace HubService.Benchmarks.Load.Reporting;

/// <summary>One table per scenario: medians over the rounds; ratios are formed within a round, and their median, least and greatest are shown.</summary>
internal static class MarkdownTables
{
    public static string Of(LoadRun run)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{run.Began:yyyy-MM-dd HH:mm} UTC, {run.Machine}. `load {run.Options}`\n");
        foreach (string name in run.Rows.Select(r => r.Scenario).Distinct())
        {
            Append(text, ScenarioTable.Named(name), [.. run.Rows.Where(r => r.Scenario == name)]);
        }

        return text.ToString();
    }

    private static void Append(StringBuilder text, Scenario scenario, IReadOnlyList<Row> rows)
    {
        List<string> servers = [.. rows.Select(r => r.Server).Distinct()];
        List<Column> ratios = servers.Count > 1 ? [.. scenario.Columns.Where(c => c.IsRatio)] : [];
        text.Append(CultureInfo.InvariantCulture, $"\n### {scenario.Name}: {scenario.Title}\n\n");
        text.Append("| server | rounds | ").AppendJoin(" | ", scenario.Columns.Select(c => c.Title).Concat(ratios.Select(c => $"{c.Title}: ratio to {servers[0]}"))).Append(" |\n");
        text.Append("|---|---|").Insert(text.Length, "---|", scenario.Columns.Count + ratios.Count).Append('\n');
        foreach (string server in servers)
        {
            List<Row> good = [.. rows.Where(r => r.Server == server && r.IsGood)];
            int all = rows.Count(r => r.Server == server);
            IEnumerable<string> cells = good.Count == 0
                ? scenario.Columns.Concat(ratios).Select(_ => "-")
                : scenario.Columns.Select(c => Number(Median([.. good.Select(r => r.Figures.Get(c.Figure))])))
                    .Concat(ratios.Select(c => Ratio(c, good, [.. rows.Where(r => r.Server == servers[0] && r.IsGood)])));
            text.Append(CultureInfo.InvariantCulture, $"| {server} | {good.Count}{(good.Count == all ? "" : $" of {all}")} | ").AppendJoin(" | ", cells).Append(" |\n");
        }

        foreach (Row bad in rows.Where(r => !r.IsGood))
        {
            text.Append(CultureInfo.InvariantCulture, $"\nRound {bad.Round}: {bad}\n");
        }
    }

    private static string Ratio(Column column, IReadOnlyList<Row> rows, IReadOnlyList<Row> reference)
    {
        List<double> ratios =
        [
            .. from row in rows
               from other in reference
               where row.Round == other.Round && other.Figures.Get(column.Figure) > 0
               select row.Figures.Get(column.Figure) / other.Figures.Get(column.Figure),
        ];
        return ratios.Count == 0 ? "-" : string.Create(CultureInfo.InvariantCulture, $"**{Median(ratios):0.00}** [{ratios.Min():0.00}-{ratios.Max():0.00}]");
    }

    private static double Median(List<double> values)
    {
        List<double> sorted = [.. values.Order()];
        int middle = sorted.Count / 2;
        return sorted.Count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }

    private static string Number(double value) => value.ToString(Math.Abs(value) >= 1000 ? "#,0" : Math.Abs(value) >= 100 ? "0" : "0.00", CultureInfo.InvariantCulture);
}
