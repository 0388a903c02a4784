using HubService.Access;
using HubService.Agents;
using HubService.Contracts;
using HubService.Contracts.Schema;
using HubService.Delivery;
using HubService.Limits;
using HubService.MessagePack;
using HubService.Projects;
using HubService.Validation;
using HubService.Wire;
using Microsoft.AspNetCore.Http.Connections;
using Microsoft.AspNetCore.SignalR;
using Microsoft.AspNetCore.SignalR.Protocol;
using Microsoft.Extensions.Options;

namespace HubService;

/// <summary>SignalR as both hubs use it: its limits, its filters from the outside in, both protocols.</summary>
internal static class Hubs
{
    /// <summary>How many calls of one connection may be under way: they enter their stream's queue in order and share a commit.</summary>
    public const int ParallelCalls = 32;

    public static IServiceCollection AddHubs(this IServiceCollection services)
    {
        services.AddSignalR(o =>
        {
            o.MaximumReceiveMessageSize = JsonBody.MaxBytes;
            o.HandshakeTimeout = TimeSpan.FromSeconds(5);
            o.KeepAliveInterval = TimeSpan.FromSeconds(15);
            o.ClientTimeoutInterval = TimeSpan.FromSeconds(30);
            o.MaximumParallelInvocationsPerClient = ParallelCalls;
        }).AddJsonProtocol(o => o.PayloadSerializerOptions = ContractJson.Carrier);
        services.AddSingleton<IHubActivator<AgentHub>, HubActivator<AgentHub>>();
        services.AddSingleton<IHubActivator<ProjectHub>, HubActivator<ProjectHub>>();
        services.AddSingleton<HubErrors>();
        services.AddSingleton<DirectPublishServices>();
        services.AddSingleton<AnswerHubFilter>();
        services.AddSingleton<DrainHubFilter>();

        // As objects, not as types: SignalR would look each of them up for every call.
        services.AddOptions<HubOptions>().Configure<AnswerHubFilter, DrainHubFilter, LimitHubFilter>(static (o, answer, drain, limit) =>
        {
            o.AddFilter(answer);
            o.AddFilter(drain);
            o.AddFilter(limit);
        });

        // SignalR has pings of its own: a timer for each connection less.
        services.Configure<Microsoft.AspNetCore.Builder.WebSocketOptions>(static o => o.KeepAliveInterval = TimeSpan.Zero);

        // In place of the stock protocol, not beside it: SignalR writes a message for many once per protocol it has.
        services.Remove(services.Single(d => d.ServiceType == typeof(IHubProtocol) && d.ImplementationType == typeof(JsonHubProtocol)));
        services.AddSingleton<JsonHubProtocol>();
        services.AddSingleton<IHubProtocol, StrictJsonHubProtocol>();
        services.AddSingleton(static _ => new MessagePackHubProtocol(ContractJson.Carrier, JsonBody.MaxBytes));
        services.AddSingleton<IHubProtocol, StrictMessagePackHubProtocol>();
        return services;
    }

    /// <summary>Maps <c>/hubs/agent</c> and <c>/hubs/project</c>.</summary>
    public static void MapHubs(this WebApplication app)
    {
        var options = new HttpConnectionDispatcherOptions
        {
            // Slow readers are this service's own business: the transport's limit comes after it.
            TransportSendTimeout = app.Services.GetRequiredService<IOptions<DeliveryOptions>>().Value.StallTimeout * 2,
            AllowStatefulReconnects = false,
            Transports = HttpTransports.All,
        };
        DirectPublishServices publishes = app.Services.GetRequiredService<DirectPublishServices>();
        Map<AgentHub>(ContractCatalog.AgentHub.Address, AgentHub.ThreadOf);
        Map<ProjectHub>(ContractCatalog.ProjectHub.Address, ProjectHub.ProjectOf);

        // As MapHub does it, with room for what stands between a hub and its connection.
        void Map<THub>(string address, Func<string, StreamId> streamOf)
            where THub : Hub =>
            app.MapConnections(address, options, connections => connections.UseDirect(c => new DirectPublishes(c, streamOf, publishes)).UseHub<THub>())
                .WithDirectReads()
                .WithMetadata(new HubMetadata(typeof(THub)), TokenAlone.Instance)
                .RequireAuthorization(AccessServices.TokenPolicy);
    }
}
