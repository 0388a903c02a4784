using System.Text.Json;

namespace HubService.Benchmarks.Load.Client;

/// <summary>The client's process: takes one task per line, and answers each by a line with its figures. It ends with its input.</summary>
internal static class ClientLoop
{
    public static void Run()
    {
        while (Console.In.ReadLine() is { } line)
        {
            ClientAnswer answer;
            try
            {
                answer = new ClientAnswer(Do(JsonSerializer.Deserialize<ClientTask>(line)!), null);
            }
            catch (Exception e) when (e is IOException or System.Net.Sockets.SocketException or JsonException)
            {
                answer = new ClientAnswer([], e.Message);
            }

            GC.Collect();
            Console.Out.WriteLine(JsonSerializer.Serialize(answer));
        }
    }

    private static Figures Do(ClientTask task)
    {
        switch (task)
        {
            case { FanOut: { } spec }:
                using (FanOut run = new(spec))
                {
                    return run.Run();
                }

            case { Idle: { } spec }:
                using (Idle run = new(spec))
                {
                    return run.Run();
                }

            case { Storm: { } spec }:
                return new Storm(spec).Run();
            case { Publishing: { } spec }:
                using (Publishing run = new(spec))
                {
                    return run.Run();
                }

            case { Replay: { } spec }:
                using (Replay run = new(spec))
                {
                    return run.Run();
                }

            default:
                throw new JsonException("A task without a specification.");
        }
    }
}

/// <summary>What the client is asked for: one of these.</summary>
internal sealed record ClientTask
{
    public FanOutSpec? FanOut { get; init; }

    public IdleSpec? Idle { get; init; }

    public StormSpec? Storm { get; init; }

    public PublishSpec? Publishing { get; init; }

    public ReplaySpec? Replay { get; init; }
}

/// <param name="Error">Null when it was measured.</param>
internal sealed record ClientAnswer(Figures Figures, string? Error);
