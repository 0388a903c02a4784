using HubService.Publishing;
using HubService.Validation;

namespace HubService.Projects;

/// <summary>Registers projects: their rules, their stages under way, the workers that execute them.</summary>
internal static class ProjectServices
{
    /// <summary>The section is bound to two classes, so that neither knows all of it.</summary>
    private static readonly HashSet<string> Known = new(typeof(ProjectOptions).GetProperties().Select(p => p.Name).Append(nameof(AdditionalEvents.Events)), StringComparer.OrdinalIgnoreCase);

    public static IServiceCollection AddProjects(this IServiceCollection services)
    {
        services.AddOptions<ProjectOptions>()
            .BindConfiguration("Projects")
            .Validate<IConfiguration>(
                static (_, c) => c.GetSection("Projects").GetChildren().All(o => Known.Contains(o.Key)),
                $"Projects holds an option that there is not; there are {string.Join(", ", Known.Order(StringComparer.Ordinal))}.")
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
        services.AddSingleton<HeldWork>();
        services.AddSingleton<ProjectKeeping>();
        services.AddSingleton<Conductor>();
        services.AddSingleton<ProjectControl>();
        services.AddSingleton<IStreamRules, ProjectRules>();
        return services;
    }
}
