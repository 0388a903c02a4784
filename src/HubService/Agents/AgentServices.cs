using HubService.Publishing;

namespace HubService.Agents;

/// <summary>Registers threads: their rules, their runs, the workers that execute them.</summary>
internal static class AgentServices
{
    public static IServiceCollection AddAgents(this IServiceCollection services)
    {
        services.AddOptions<AgentOptions>()
            .BindConfiguration("Agents")
            .Validate(static o => o.StartTimeout > TimeSpan.Zero && o.CancelTimeout > TimeSpan.Zero, "Agents: StartTimeout and CancelTimeout are greater than 0.")
            .ValidateOnStart();
        services.AddSingleton<RunLeases>();
        services.AddSingleton<OpenInputs>();
        services.AddSingleton<AgentWorkers>();
        services.AddSingleton<Threads>();
        services.AddSingleton<Conversations>();
        services.AddSingleton<IStreamRules, ThreadRules>();
        services.AddSingleton<IStreamRules, UserRules>();
        return services;
    }
}
