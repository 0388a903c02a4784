namespace HubService.Tests.Telemetry;

/// <summary>
/// Whoever records spans records those of the whole process, and a publish that is recorded goes another way: tests that record,
/// and those that tell which way a publish went, run one after the other.
/// </summary>
[CollectionDefinition(Name)]
public static class RecordedSpans
{
    public const string Name = "Recorded spans";
}
