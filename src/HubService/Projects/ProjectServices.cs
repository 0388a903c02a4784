using HubService.Publishing;
using HubService.Validation;

namespace HubService.Projects;

/// <summary>Registers projects: their rules, their stages under way, the workers that execute them.</summary>
internal static class ProjectServices
{
    public static IServiceCollection AddProjects(this IServiceCollection services)
    {
        services.AddOptions<ProjectOptions>()
            .BindConfiguration("Projects")
            .Validate(static o => o.Confirm is "lenient" or "strict", "Projects:Confirm is lenient or strict.")
            .Validate(
                static o => o is { CancelTimeout.Ticks: > 0, HttpLease.Ticks: > 0, CommandTimeout.Ticks: > 0, MaxTextLength: > 0, ConfirmPause.Ticks: >= 0, DisconnectGrace.Ticks: >= 0 },
                "Projects: CancelTimeout, HttpLease, CommandTimeout and MaxTextLength are greater than 0, ConfirmPause and DisconnectGrace are not negative.")
            .ValidateOnStart();
        services.AddOptions<AdditionalEvents>()
            .BindConfiguration("Projects")
            .Validate(static o => o.IsValid(), AdditionalEvents.Rule)
            .ValidateOnStart();
        services.AddSingleton<ProjectWorkers>();
        services.AddSingleton<ProjectWork>();
        services.AddSingleton<ProjectCommandReplies>();
        services.AddSingleton<ProjectGreeting>();
        services.AddSingleton<Conductor>();
        services.AddSingleton<IStreamRules, ProjectRules>();
        return services;
    }
}
