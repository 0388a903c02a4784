using HubService.Checker;

namespace HubService.Cluster.Tests.Checking;

/// <summary>A history as a sound service makes it: two streams in two tenants, publishers that retry, subscribers that come and go, failovers that lose a tail.</summary>
internal static class GeneratedHistory
{
    public const int MaxEvents = 400;
    public const long MaxAgeMs = 60_000;

    public static List<HistoryRecord> Make(int seed)
    {
        var random = new Random(seed);
        List<HistoryRecord> records = [];
        long at = 0;
        void Add(HistoryRecord record) => records.Add(record with { At = at += random.Next(1, 50) });
        Add(new Run(Rollback: true, MaxEvents, MaxAgeMs));
        GeneratedService[] services = [new(random, "t1", "project:a", Add), new(random, "t2", "project:b", Add)];
        foreach (GeneratedService service in services)
        {
            for (int i = 1; i <= 3; i++)
            {
                service.Join($"p{i}");
                service.Follow($"s{i}");
                service.Follow($"s{i + 3}");
            }
        }

        for (int i = 0; i < 1600; i++)
        {
            services[random.Next(2)].Step();
        }

        foreach (GeneratedService service in services)
        {
            service.Finish(now: 1_800_000_000_000);
        }

        return records;
    }
}
