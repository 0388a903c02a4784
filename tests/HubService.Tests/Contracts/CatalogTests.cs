using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using HubService.Contracts;
using HubService.Contracts.Agents;
using HubService.Contracts.Projects;
using HubService.Contracts.Schema;

namespace HubService.Tests.Contracts;

public class CatalogTests
{
    private static IEnumerable<EventDefinition> Everything =>
        [.. ContractCatalog.Agents.All, .. ContractCatalog.Projects.All, .. ContractCatalog.Sessions.All];

    [Theory]
    [InlineData("agent_started", "AgentStarted")]
    [InlineData("ROC_CURVE_READY", "RocCurveReady")]
    [InlineData("custom", "Custom")]
    public void Wire_names_become_PascalCase_by_one_rule(string wire, string expected) =>
        Assert.Equal(expected, ContractNames.ToPascal(wire));

    [Fact]
    public void The_naming_rule_holds_over_the_whole_catalog()
    {
        Assert.All([.. ContractCatalog.Agents.All, .. ContractCatalog.Projects.All], d => Assert.Equal(ContractNames.ToPascal(d.Type), d.Payload.Name));
        Assert.All([.. ContractCatalog.Agents.All, .. ContractCatalog.Sessions.All], d => Assert.Equal(ContractNames.ToPascal(d.Type), d.ClientMethod));
        Assert.All(ContractCatalog.Projects.All, d => Assert.Equal("ProjectEvent", d.ClientMethod));
    }

    [Fact]
    public void The_catalog_is_complete()
    {
        Assert.Equal(28, ContractCatalog.Agents.All.Count);
        Assert.Equal(44 + 7, ContractCatalog.Projects.All.Count);
        Assert.Equal(7, ContractCatalog.Sessions.All.Count);
        Assert.Equal(
            ["agent_started", "agent_thinking", "tool_executing", "tool_completed", "agent_completed"],
            Everything.Where(d => d.Critical).Select(d => d.Type));
    }

    [Fact]
    public void Every_agent_type_has_its_client_method_with_its_payload() =>
        Assert.All(ContractCatalog.Agents.All, d => AssertMethod(typeof(IAgentClient), d, typeof(AgentEvent<>)));

    [Fact]
    public void Every_session_type_has_its_client_method_with_its_payload() =>
        Assert.All(ContractCatalog.Sessions.All, d => AssertMethod(typeof(ISessionClient), d, typeof(SessionEvent<>)));

    [Fact]
    public void Every_client_method_with_an_event_is_in_the_catalog()
    {
        string[] methods = [.. typeof(IAgentClient).GetMethods()
            .Where(m => m.GetParameters()[0].ParameterType is { IsGenericType: true } t && t.GetGenericTypeDefinition() == typeof(AgentEvent<>))
            .Select(m => m.Name)];
        Assert.Equal(methods, ContractCatalog.Agents.All.Select(d => d.ClientMethod));
        Assert.NotNull(typeof(IProjectClient).GetMethod(ContractCatalog.ProjectClientMethod));
    }

    [Fact]
    public void A_definition_is_found_by_name_and_by_payload()
    {
        Assert.True(ContractCatalog.Agents.TryGet("agent_started", out EventDefinition? byName));
        Assert.True(ContractCatalog.Agents.TryGet(typeof(AgentStarted), out EventDefinition? byPayload));
        Assert.Same(byName, byPayload);
        Assert.False(ContractCatalog.Agents.TryGet("AGENT_STARTED", out _));
    }

    [Fact]
    public void Required_fields_are_read_from_the_records()
    {
        Assert.True(ContractCatalog.Agents.TryGet("tool_completed", out EventDefinition? tool));
        Assert.Equal(["tool_call_id", "tool_name", "status", "duration_ms"], tool.RequiredFields);
        Assert.True(ContractCatalog.Projects.TryGet("TRAIN_PROGRESS", out EventDefinition? progress));
        Assert.Empty(progress.RequiredFields);
    }

    [Fact]
    public void Every_deprecated_name_points_at_a_current_one()
    {
        Assert.Equal(11, DeprecatedNames.Accepted.Count);
        Assert.All(DeprecatedNames.Accepted.Values, current => Assert.True(ContractCatalog.Agents.TryGet(current, out _), current));
        Assert.All([.. DeprecatedNames.Accepted.Keys, .. DeprecatedNames.Refused.Keys], old => Assert.False(ContractCatalog.Agents.TryGet(old, out _), old));
        Assert.All(DeprecatedNames.Refused.Values, hint => Assert.NotEmpty(hint));
    }

    /// <summary>A null that may be left out when writing must not be demanded when reading.</summary>
    [Fact]
    public void No_optional_field_is_demanded()
    {
        IEnumerable<Type> records = typeof(ContractCatalog).Assembly.GetExportedTypes()
            .Where(t => t is { IsClass: true, IsAbstract: false, IsGenericTypeDefinition: false } && t.GetMethod("<Clone>$") is not null
                && t != typeof(EventDefinition));
        IEnumerable<JsonPropertyInfo> demanded = records
            .SelectMany(t => ContractJson.Options.GetTypeInfo(t).Properties)
            .Where(p => p.IsRequired && p.IsSetNullable && Nullable.GetUnderlyingType(p.PropertyType) is null)
            .Where(p => p.AttributeProvider?.GetCustomAttributes(typeof(JsonIgnoreAttribute), false).Length is null or 0);
        Assert.Empty(demanded.Select(p => $"{p.DeclaringType.Name}.{p.Name}"));
    }

    [Fact]
    public void The_protocol_page_names_every_type_and_every_error()
    {
        string page = File.ReadAllText(Path.Combine(Here(), "../../../src/HubService.Contracts/PROTOCOL.md"));
        Assert.All(Everything, d => Assert.Contains($"`{d.Type}`", page, StringComparison.Ordinal));
        Assert.All(
            ErrorCodes.All,
            code => Assert.Contains(
                $"| `{code}` | {ErrorCodes.HttpStatus(code)} | {(ErrorCodes.IsRetryable(code) ? "yes" : "no")} |",
                page,
                StringComparison.Ordinal));
    }

    private static void AssertMethod(Type client, EventDefinition definition, Type envelope)
    {
        MethodInfo? method = client.GetMethod(definition.ClientMethod);
        Assert.NotNull(method);
        Assert.Equal(envelope.MakeGenericType(definition.Payload), Assert.Single(method.GetParameters()).ParameterType);
        Assert.Equal(envelope.MakeGenericType(definition.Payload), definition.EnvelopeInfo.Type);
    }

    private static string Here([CallerFilePath] string path = "") => Path.GetDirectoryName(path)!;
}
