using HubService.Client;
using HubService.Client.AI;
using HubService.Contracts;
using HubService.Contracts.Agents;
using HubService.Contracts.Projects;
using Microsoft.Extensions.AI;

// Publishes, subscribes and serves with nothing but the packages, against the service at args[0] with the token args[1].
HubServiceClientOptions options = new HubServiceClientOptions { Url = new Uri(args[0]) }.UseToken(args[1]);
using CancellationTokenSource stop = new(TimeSpan.FromSeconds(60));

await using var projects = new ProjectClient(options);
var project = new ProjectId("installed");
PublishResult kept = await projects.PublishAsync(project, new LogLine("system", "info", "hello from a package"), stop.Token);
Console.WriteLine($"published {kept.Seq}");
await foreach (StreamItem item in projects.SubscribeAsync(project, StreamPosition.Start, stop.Token))
{
    if (item is ProjectStreamEvent { Payload: LogLine line })
    {
        Console.WriteLine($"received {line.Text}");
        break;
    }
}

await using var agents = new AgentClient(options);
Task serving = agents.ServeAsync(["echo"], 1, async (work, cancelled) =>
    await work.Run.AnswerAsync(new Echo(), [new ChatMessage(ChatRole.User, work.Text)], cancellationToken: cancelled), stop.Token);
MessageAccepted? sent = null;
while (sent is null)
{
    try
    {
        sent = await agents.SendMessageAsync("is anybody there?", target: "echo", cancellationToken: stop.Token);
    }
    catch (HubClientException e) when (e.Code == ErrorCodes.AgentNotAvailable)
    {
        // The registration is still on its way.
        await Task.Delay(TimeSpan.FromMilliseconds(20), stop.Token);
    }
}

await foreach (StreamItem item in agents.SubscribeAsync(sent.ThreadId!.Value, StreamPosition.Start, stop.Token))
{
    if (item is AgentStreamEvent { Payload: AgentCompleted answer })
    {
        Console.WriteLine($"answered {answer.FinalResponse}");
        break;
    }
}

await stop.CancelAsync();
await serving;

internal sealed class Echo : IChatClient
{
    public Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        GetStreamingResponseAsync(messages, options, cancellationToken).ToChatResponseAsync(cancellationToken);

    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await Task.Yield();
        yield return new ChatResponseUpdate(ChatRole.Assistant, messages.Last().Text);
    }

    public object? GetService(Type serviceType, object? serviceKey = null) => null;

    public void Dispose()
    {
    }
}
