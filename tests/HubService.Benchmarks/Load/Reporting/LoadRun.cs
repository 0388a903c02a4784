using System.Globalization;
using System.Text.Json;

namespace HubService.Benchmarks.Load.Reporting;

/// <summary>All windows of one run, with what must be known to read them.</summary>
/// <param name="Machine">Its processor, memory, system and runtime.</param>
/// <param name="Options">The command line behind <c>load</c>.</param>
internal sealed record LoadRun(DateTimeOffset Began, string Machine, string Options, List<Row> Rows)
{
    private static readonly JsonSerializerOptions Readable = new() { WriteIndented = true };

    public static LoadRun Read(string file) => JsonSerializer.Deserialize<LoadRun>(File.ReadAllText(file)) ?? throw new BenchmarkException($"{file} holds no rounds.");

    /// <summary>Writes the rows as JSON and the tables as Markdown; returns the path of the first.</summary>
    public string Save(string folder, string tables)
    {
        Directory.CreateDirectory(folder);
        string path = Path.Combine(folder, Began.ToString("yyyy-MM-dd-HHmmss", CultureInfo.InvariantCulture));
        File.WriteAllText($"{path}.json", JsonSerializer.Serialize(this, Readable) + "\n");
        File.WriteAllText($"{path}.md", tables);
        return $"{path}.json";
    }
}
