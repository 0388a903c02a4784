using System.Text.Json;
using TrainingPipeline.Chat;

namespace TrainingPipeline.Datasets;

/// <summary>Finds data sets in a directory.</summary>
internal sealed class DataSetCatalog(string directory)
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    /// <summary>Every described data set, best match for the intent first.</summary>
    public IReadOnlyList<DataSetDescription> Candidates(Intent intent)
    {
        if (!Directory.Exists(directory))
        {
            throw new InvalidDataException($"The data directory '{directory}' does not exist: set DataDirectory.");
        }

        DataSetDescription[] found =
        [
            .. Directory.EnumerateFiles(directory, "*.json").Order(StringComparer.Ordinal).Select(Describe).OrderByDescending(d => Score(d, intent)),
        ];
        return found.Length > 0 ? found : throw new InvalidDataException($"There is no data set in '{directory}'.");
    }

    public DataSet Load(DataSetDescription description, Intent intent)
    {
        using StreamReader reader = File.OpenText(Path.Combine(directory, description.File));
        return CsvDataSetReader.Read(reader, description, intent.Target);
    }

    private static DataSetDescription Describe(string path) =>
        JsonSerializer.Deserialize<DataSetDescription>(File.ReadAllText(path), Json)
        ?? throw new InvalidDataException($"'{Path.GetFileName(path)}' describes nothing.");

    private static int Score(DataSetDescription description, Intent intent) =>
        description.Keywords.Append(description.Id).Count(k => intent.Text.Contains(k, StringComparison.OrdinalIgnoreCase));
}
