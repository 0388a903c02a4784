namespace TrainingPipeline;

/// <summary>The names of the eight stages.</summary>
public static class StageIds
{
    public const string ParseIntent = "PARSE_INTENT";
    public const string DataSource = "DATA_SOURCE";
    public const string ProfileData = "PROFILE_DATA";
    public const string Preprocess = "PREPROCESS";
    public const string ModelSelect = "MODEL_SELECT";
    public const string Train = "TRAIN";
    public const string ReviewEdit = "REVIEW_EDIT";
    public const string Export = "EXPORT";
}

/// <summary>The order of the stages.</summary>
public static class StageOrder
{
    private static readonly List<string> Ids =
    [
        StageIds.ParseIntent, StageIds.DataSource, StageIds.ProfileData, StageIds.Preprocess,
        StageIds.ModelSelect, StageIds.Train, StageIds.ReviewEdit, StageIds.Export,
    ];

    public static IReadOnlyList<string> All => Ids;

    /// <summary>-1 for a name that is no stage.</summary>
    public static int IndexOf(string stageId) => Ids.IndexOf(stageId);

    public static bool IsBefore(string stageId, string other) => IndexOf(stageId) < IndexOf(other);

    /// <summary>Null after the last.</summary>
    public static string? After(string stageId) => Ids.ElementAtOrDefault(IndexOf(stageId) + 1);
}

/// <summary>The statuses this pipeline sets itself.</summary>
public static class StageStatuses
{
    public const string InProgress = "IN_PROGRESS";
    public const string Completed = "COMPLETED";
    public const string Failed = "FAILED";
}
