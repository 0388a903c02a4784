namespace HubService.Benchmarks;

/// <summary>What the program is asked to be.</summary>
internal static class Verbs
{
    /// <summary>Measures servers under load.</summary>
    public const string Load = "load";

    /// <summary>Measures inner parts.</summary>
    public const string Inner = "inner";

    /// <summary>Prints the tables of saved rounds again.</summary>
    public const string Report = "report";

    /// <summary>The load client; started by <see cref="Load"/>.</summary>
    public const string Client = "client";

    /// <summary>The hub of comparison; started by <see cref="Load"/>.</summary>
    public const string Bare = "bare";
}
