namespace HubService.MessagePack;

/// <summary>The first item of every message of SignalR's MessagePack protocol.</summary>
internal static class MessageTypes
{
    public const int Invocation = 1;
    public const int StreamItem = 2;
    public const int Completion = 3;
    public const int StreamInvocation = 4;
    public const int CancelInvocation = 5;
    public const int Ping = 6;
    public const int Close = 7;

    /// <summary>The fourth item of a completion: what it says.</summary>
    public const int Failed = 1;
    public const int Void = 2;
    public const int HasResult = 3;
}
