using HubService.Access;
using HubService.Agents;
using HubService.Contracts;
using HubService.Contracts.Schema;
using HubService.Delivery;
using HubService.Limits;
using HubService.MessagePack;
using HubService.Projects;
using HubService.Validation;
using Microsoft.AspNetCore.Http.Connections;
using Microsoft.AspNetCore.SignalR;
using Microsoft.AspNetCore.SignalR.Protocol;
using Microsoft.Extensions.Options;

namespace HubService;

/// <summary>SignalR as both hubs use it: its limits, its filters from the outside in, both protocols.</summary>
internal static class Hubs
{
    public static IServiceCollection AddHubs(this IServiceCollection services)
    {
        services.AddSignalR(o =>
        {
            o.MaximumReceiveMessageSize = JsonBody.MaxBytes;
            o.HandshakeTimeout = TimeSpan.FromSeconds(5);
            o.KeepAliveInterval = TimeSpan.FromSeconds(15);
            o.ClientTimeoutInterval = TimeSpan.FromSeconds(30);

            // A connection may have several publishes on their way: they enter their stream's queue in order and share a commit.
            o.MaximumParallelInvocationsPerClient = 32;
        }).AddJsonProtocol(o => o.PayloadSerializerOptions = ContractJson.Carrier);
        services.AddSingleton<AnswerHubFilter>();
        services.AddSingleton<DrainHubFilter>();

        // As objects, not as types: SignalR would look each of them up for every call.
        services.AddOptions<HubOptions>().Configure<AnswerHubFilter, DrainHubFilter, LimitHubFilter>(static (o, answer, drain, limit) =>
        {
            o.AddFilter(answer);
            o.AddFilter(drain);
            o.AddFilter(limit);
        });

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
        DeliveryOptions delivery = app.Services.GetRequiredService<IOptions<DeliveryOptions>>().Value;
        app.MapHub<AgentHub>(ContractCatalog.AgentHub.Address, Configure).RequireAuthorization(AccessServices.TokenPolicy);
        app.MapHub<ProjectHub>(ContractCatalog.ProjectHub.Address, Configure).RequireAuthorization(AccessServices.TokenPolicy);

        void Configure(HttpConnectionDispatcherOptions o)
        {
            // Slow readers are this service's own business: the transport's limit comes after it.
            o.TransportSendTimeout = delivery.StallTimeout * 2;
            o.AllowStatefulReconnects = false;
            o.Transports = HttpTransports.All;
        }
    }
}
