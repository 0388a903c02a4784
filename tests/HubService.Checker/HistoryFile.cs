using System.Text.Json;

namespace HubService.Checker;

/// <summary>Histories as files: a folder of <c>*.jsonl</c>, one per recording process of one host.</summary>
internal static class HistoryFile
{
    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        AllowOutOfOrderMetadataProperties = true,
    };

    public static History Read(string folder)
    {
        string[] files = Directory.GetFiles(folder, "*.jsonl");
        Array.Sort(files, StringComparer.Ordinal);
        return new History(files.SelectMany(File.ReadLines).Where(line => line.Length > 0).Select(Parse));
    }

    public static void Write(string path, IEnumerable<HistoryRecord> records) =>
        File.WriteAllLines(path, records.Select(Line));

    internal static string Line(HistoryRecord record) => JsonSerializer.Serialize(record, Json);

    internal static HistoryRecord Parse(string line) =>
        JsonSerializer.Deserialize<HistoryRecord>(line, Json) ?? throw new InvalidDataException($"No record: {line}");
}
