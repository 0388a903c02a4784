namespace HubService.Tests.House;

/// <summary>A file of the repository that is written by a test and kept, so that a change of what it tells is seen in review.</summary>
internal static class KeptFile
{
    /// <summary>Fails with the lines that differ, and with the command that writes the file anew.</summary>
    /// <param name="path">Below the repository's root.</param>
    /// <param name="text">What the file has to hold, with line feeds.</param>
    /// <param name="switchName">The environment variable that has the file written when it is 1.</param>
    public static void AssertIs(string path, string text, string switchName)
    {
        string file = Path.Combine(Repository.Root, path);
        if (Environment.GetEnvironmentVariable(switchName) == "1")
        {
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            File.WriteAllText(file, text);
        }

        string kept = File.Exists(file) ? File.ReadAllText(file).ReplaceLineEndings("\n") : "";
        if (kept != text)
        {
            Assert.Fail($"""
                {path} is out of date (- in the file, + now):
                {LineDiff.Of(kept, text)}
                Write it anew: {switchName}=1 dotnet run --project tests/HubService.Tests -- -class {TestContext.Current.TestClass?.TestClassName}
                """);
        }
    }
}
