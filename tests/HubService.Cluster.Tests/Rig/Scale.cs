namespace HubService.Cluster.Tests.Rig;

/// <summary>How much of a scenario is played: a little by default, the numbers of the reliability notes with <c>HUBSERVICE_FULL=1</c>.</summary>
internal static class Scale
{
    public static bool Full { get; } = Environment.GetEnvironmentVariable("HUBSERVICE_FULL") == "1";

    public static T Of<T>(T little, T full) => Full ? full : little;
}
