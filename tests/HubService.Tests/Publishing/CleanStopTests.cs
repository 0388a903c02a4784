using HubService.Contracts;
using HubService.Streams;

namespace HubService.Tests.Publishing;

public sealed class CleanStopTests
{
    // The projections were saved after the host had stopped, when the SQLite log was closed already: nothing was saved, each
    // stream logged a warning with a stack trace on every Ctrl-C, and every start had to look at every stream again.
    [Fact]
    public async Task A_clean_stop_leaves_nothing_to_look_at()
    {
        string directory = Directory.CreateTempSubdirectory("hubservice-").FullName;
        try
        {
            (string, string)[] settings = [("Streams:Store", "sqlite"), ("Sqlite:Path", Path.Combine(directory, "hub.db"))];
            await using (HubHost first = await HubHost.StartAsync(settings))
            {
                using HttpClient http = await first.HttpAsync(await first.WorkerTokenAsync());
                using HttpResponseMessage published = await http.PostAsJsonAsync("/api/v1/threads/thread_1/events", new { type = "status_update", payload = new { status = "here" } });
                published.EnsureSuccessStatusCode();
            }

            await using HubHost second = await HubHost.StartAsync(settings);
            IEventLog log = second.Services.GetRequiredService<IEventLog>();

            Assert.Equal(1, (await log.LoadSnapshotAsync(new StreamKey("default", StreamKind.Thread, "thread_1")))?.Seq);
            Assert.Empty(await log.UnsettledAsync().ToListAsync());
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }
}
