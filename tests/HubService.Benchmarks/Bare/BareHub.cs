using System.Text.Json;
using Microsoft.AspNetCore.SignalR;

namespace HubService.Benchmarks.Bare;

/// <summary>A hub as anyone writes it with SignalR alone: no order, no log, nothing to replay.</summary>
internal sealed class BareHub : Hub
{
    public const string Method = "ProjectEvent";

    public Task Join(string group) => Groups.AddToGroupAsync(Context.ConnectionId, group);

    public Task Publish(string group, JsonElement payload) => Clients.Group(group).SendAsync(Method, payload);
}
