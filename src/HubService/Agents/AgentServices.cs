using HubService.Publishing;

namespace HubService.Agents;

/// <summary>Registers threads: their rules, their runs, the workers that execute them.</summary>
internal static class AgentServices
{
    public static IServiceCollection AddAgents(this IServiceCollection services)
    {
        services.AddOptions<AgentOptions>()
            .BindConfiguration("Agents", static o => o.ErrorOnUnknownConfiguration = true)
            .Validate(
                static o => o is { StartTimeout.Ticks: > 0, HttpLease.Ticks: > 0, ConnectionLease.Ticks: > 0, CancelTimeout.Ticks: > 0, MaxTextLength: > 0, MaxMembers: > 0, DisconnectGrace.Ticks: >= 0 },
                "Agents: StartTimeout, HttpLease, ConnectionLease, CancelTimeout, MaxTextLength and MaxMembers are greater than 0, DisconnectGrace is not negative.")
            .ValidateOnStart();
        services.AddSingleton<RunLeases>();
        services.AddSingleton<OpenInputs>();
        services.AddSingleton<HeldRuns>();
        services.AddSingleton<ThreadKeeping>();
        services.AddSingleton<AgentWorkers>();
        services.AddSingleton<Threads>();
        services.AddSingleton<Conversations>();
        services.AddSingleton<RunControl>();
        services.AddSingleton<IStreamRules, ThreadRules>();
        services.AddSingleton<IStreamRules, UserRules>();
        return services;
    }
}
