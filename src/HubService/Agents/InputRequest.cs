namespace HubService.Agents;

/// <summary>A question to a person that is still open.</summary>
/// <param name="Run">The run that asked; null when it was none.</param>
/// <param name="Until">Unix milliseconds after which no answer is awaited; null: as long as the run lasts.</param>
internal sealed record InputRequest(string? Run, long? Until)
{
    public bool IsOver(long now) => Until <= now;
}
