using System.Collections.Frozen;
using System.Text.Json;
using HubService.Access;
using HubService.Contracts;
using HubService.Contracts.Agents;
using HubService.Contracts.Projects;
using Microsoft.AspNetCore.SignalR;

namespace HubService.Delivery;

/// <summary>While the node drains, whoever comes or wants to begin something is sent on to another node; what ends things goes on.</summary>
internal sealed class DrainHubFilter(Drain drain) : IHubFilter
{
    /// <summary>Of both hubs, where they have methods of one name.</summary>
    private static readonly FrozenSet<string> Begins = FrozenSet.Create(
        StringComparer.OrdinalIgnoreCase,
        nameof(IAgentHub.Subscribe),
        nameof(IAgentHub.Publish),
        nameof(IAgentHub.PublishStream),
        nameof(IAgentHub.SendMessage),
        nameof(IAgentHub.StartAgent),
        nameof(IAgentHub.CreateThread),
        nameof(IAgentHub.ServeAgents),
        nameof(IProjectHub.Chat),
        nameof(IProjectHub.Confirm),
        nameof(IProjectHub.RestartStage),
        nameof(IProjectHub.Command),
        nameof(IProjectHub.SetStage),
        nameof(IProjectHub.WaitForConfirmation),
        nameof(IProjectHub.ServeProjects));

    public Task OnConnectedAsync(HubLifetimeContext context, Func<HubLifetimeContext, Task> next) =>
        drain.Started ? throw new HubException(JsonSerializer.Serialize(Drain.Refusal, ContractJson.Default.HubError)) : next(context);

    public ValueTask<object?> InvokeMethodAsync(HubInvocationContext invocationContext, Func<HubInvocationContext, ValueTask<object?>> next) =>
        drain.Started && Begins.Contains(invocationContext.HubMethodName) ? throw new HubRefusal(Drain.Refusal) : next(invocationContext);
}
