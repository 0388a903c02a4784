using System.Collections.Frozen;
using System.Text.Json;
using HubService.Access;
using HubService.Contracts;
using Microsoft.AspNetCore.SignalR;

namespace HubService.Delivery;

/// <summary>While the node drains, whoever comes or wants to begin something is sent on to another node; what ends things goes on.</summary>
internal sealed class DrainHubFilter(Drain drain) : IHubFilter
{
    private static readonly FrozenSet<string> Begins = FrozenSet.Create(
        StringComparer.OrdinalIgnoreCase,
        "Subscribe",
        "Publish",
        "PublishStream",
        "SendMessage",
        "StartAgent",
        "CreateThread",
        "ServeAgents",
        "Chat",
        "Confirm",
        "RestartStage",
        "Command",
        "SetStage",
        "WaitForConfirmation",
        "ServeProjects");

    public Task OnConnectedAsync(HubLifetimeContext context, Func<HubLifetimeContext, Task> next) =>
        drain.Started ? throw new HubException(JsonSerializer.Serialize(Drain.Refusal, ContractJson.Default.HubError)) : next(context);

    public ValueTask<object?> InvokeMethodAsync(HubInvocationContext invocationContext, Func<HubInvocationContext, ValueTask<object?>> next) =>
        drain.Started && Begins.Contains(invocationContext.HubMethodName) ? throw new HubRefusal(Drain.Refusal) : next(invocationContext);
}
