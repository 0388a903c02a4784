using HubService.Contracts;

namespace HubService.Access;

/// <summary>Carries an error out of a place that has no result of its own; the outermost hub filter answers with it.</summary>
internal sealed class HubRefusal(HubError error) : Exception(error.Message)
{
    public HubError Error { get; } = error;
}
