using System.Text.Json;

namespace HubService.Tests.Samples.Support;

/// <summary>Speaks OpenAI's chat completions on a port of this machine: every request gets the next prepared stream.</summary>
internal sealed class FakeEndpoint : IAsyncDisposable
{
    private readonly WebApplication app = Build();
    private readonly Queue<string[]> answers;

    private FakeEndpoint(IEnumerable<string[]> answers) => this.answers = new(answers);

    public List<JsonElement> Requests { get; } = [];

    public List<string> Keys { get; } = [];

    public Uri Address => new(app.Urls.First() + "/v1");

    /// <param name="answers">Per request: its chunks, as JSON.</param>
    public static async Task<FakeEndpoint> StartAsync(params IEnumerable<string[]> answers)
    {
        FakeEndpoint endpoint = new(answers);
        endpoint.app.Urls.Add("http://127.0.0.1:0");
        endpoint.app.MapPost("/v1/chat/completions", endpoint.AnswerAsync);
        await endpoint.app.StartAsync();
        return endpoint;
    }

    public static string Text(string delta) => Chunk(new { content = delta });

    public static string Call(int index, string? id, string? name, string arguments) => Chunk(new
    {
        tool_calls = new[] { new { index, id, type = "function", function = new { name, arguments } } },
    });

    public static string Usage(int input, int output) => JsonSerializer.Serialize(new
    {
        id = "c",
        @object = "chat.completion.chunk",
        created = 1,
        model = "m",
        choices = Array.Empty<object>(),
        usage = new { prompt_tokens = input, completion_tokens = output, total_tokens = input + output },
    });

    public ValueTask DisposeAsync() => app.DisposeAsync();

    private static WebApplication Build()
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        return builder.Build();
    }

    private static string Chunk(object delta) => JsonSerializer.Serialize(
        new { id = "c", @object = "chat.completion.chunk", created = 1, model = "m", choices = new[] { new { index = 0, delta, finish_reason = (string?)null } } });

    private async Task AnswerAsync(HttpContext context)
    {
        Requests.Add((await JsonDocument.ParseAsync(context.Request.Body)).RootElement);
        Keys.Add(context.Request.Headers.Authorization.ToString());
        context.Response.ContentType = "text/event-stream";
        foreach (string chunk in answers.Dequeue())
        {
            await context.Response.WriteAsync($"data: {chunk}\n\n");
            await context.Response.Body.FlushAsync();
        }

        await context.Response.WriteAsync("data: [DONE]\n\n");
    }
}
