using HubService.Contracts.Agents;
using HubService.Contracts.Schema;

namespace HubService.Client;

/// <summary>What opens or closes a run, and what closes a tool call: published also when too much waits, so that a run always ends.</summary>
internal static class RunBounds
{
    private static readonly HashSet<Type> Payloads = [typeof(AgentStarted), typeof(ToolCompleted), typeof(AgentCompleted)];

    public static bool Contain(string type) =>
        ContractCatalog.Agents.TryGet(type, out EventDefinition? definition) && Payloads.Contains(definition.PayloadInfo.Type);
}
