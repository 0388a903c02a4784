namespace TrainingPipeline.Datasets;

/// <summary>What is known about a data set without opening it; read from the JSON file beside the CSV.</summary>
internal sealed record DataSetDescription(
    string Id,
    string Name,
    string File,
    string Source,
    string Licence,
    string Description,
    IReadOnlyList<string> Keywords,
    string Target,
    string Positive,
    IReadOnlyList<string> Features);
