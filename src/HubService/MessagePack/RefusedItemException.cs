using HubService.Contracts;

namespace HubService.MessagePack;

/// <summary>A MessagePack value that JSON, and so the contract, does not have.</summary>
internal sealed class RefusedItemException(HubError error) : Exception(error.Message)
{
    public HubError Error { get; } = error;
}
