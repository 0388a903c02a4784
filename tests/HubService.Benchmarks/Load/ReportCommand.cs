using HubService.Benchmarks.Load.Reporting;

namespace HubService.Benchmarks.Load;

/// <summary>The verb <c>report</c>: the tables of what was kept as JSON.</summary>
internal static class ReportCommand
{
    /// <returns>0; 2 when no file is given or one cannot be read.</returns>
    public static int Run(string[] files)
    {
        try
        {
            foreach (string file in files)
            {
                Console.Out.WriteLine(MarkdownTables.Of(LoadRun.Read(file)));
            }

            return files.Length > 0 ? 0 : throw new UsageException(LoadOptions.Usage);
        }
        catch (Exception e) when (e is UsageException or IOException or System.Text.Json.JsonException)
        {
            Console.Error.WriteLine(e.Message);
            return 2;
        }
    }
}
