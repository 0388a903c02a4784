using Microsoft.Extensions.AI;

namespace HubService.Client.AI;

/// <summary>A tool that is shown in a run whenever it is invoked, with how long it took and how it ended.</summary>
internal sealed class ReportedFunction(AIFunction inner, AgentRun run) : DelegatingAIFunction(inner)
{
    /// <summary>A purpose is a line or two for a person; what is longer was written for the model.</summary>
    private const int MaxPurpose = 500;

    public override object? GetService(Type serviceType, object? serviceKey = null) =>
        serviceKey is null && serviceType == typeof(ReportedFunction) ? this : base.GetService(serviceType, serviceKey);

    protected override async ValueTask<object?> InvokeCoreAsync(AIFunctionArguments arguments, CancellationToken cancellationToken) =>
        await run.ToolAsync(
            Name, new Dictionary<string, object?>(arguments), ct => InnerFunction.InvokeAsync(arguments, ct).AsTask(), Purpose(), cancellationToken);

    private string? Purpose() => Description.Length is > 0 and <= MaxPurpose ? Description : null;
}
