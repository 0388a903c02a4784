using System.Runtime.CompilerServices;

namespace HubService.Tests.House;

/// <summary>Finds the files of the repository that this test was compiled from.</summary>
internal static class Repository
{
    public static string Root { get; } = FindRoot();

    public static string Read(string path) => File.ReadAllText(System.IO.Path.Combine(Root, path));

    private static string FindRoot([CallerFilePath] string here = "")
    {
        // The source path is rewritten by deterministic builds; the output folder lies inside the repository as well.
        string? folder = File.Exists(here) ? System.IO.Path.GetDirectoryName(here) : AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(System.IO.Path.Combine(folder, "HubService.sln")))
        {
            folder = System.IO.Path.GetDirectoryName(folder);
        }

        return folder ?? throw new DirectoryNotFoundException("HubService.sln is not above the tests.");
    }
}
