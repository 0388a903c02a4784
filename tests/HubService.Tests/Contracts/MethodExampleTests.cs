using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using HubService.Contracts;
using HubService.Contracts.Schema;

namespace HubService.Tests.Contracts;

/// <summary>The example of each method is a call that can be made and an answer that the hub would write.</summary>
public class MethodExampleTests
{
    [Fact]
    public void Every_answer_survives_its_record() => Assert.All(
        ContractCatalog.Hubs.SelectMany(h => ContractTypes.HubMethods(h.Hub).Select(m => (Type: ContractTypes.Result(m.ReturnType), Json: MethodExamples.Answer(h.Address, m.Name)))),
        e => AssertSame(e.Type, e.Json));

    [Fact]
    public void Every_request_to_a_worker_survives_its_record() => Assert.All(
        ContractCatalog.Hubs.SelectMany(h => ContractTypes.WorkerMethods(h.Client).Select(m => (Type: m.GetParameters()[0].ParameterType, Json: MethodExamples.Request(h.Address, m.Name)))),
        e => AssertSame(e.Type, e.Json));

    [Fact]
    public void Every_call_has_arguments_of_the_types_of_its_parameters()
    {
        foreach (HubDefinition hub in ContractCatalog.Hubs)
        {
            foreach (MethodInfo method in ContractTypes.HubMethods(hub.Hub))
            {
                ParameterInfo[] parameters = method.GetParameters();
                JsonArray arguments = MethodExamples.Arguments(hub.Address, method.Name);
                Assert.InRange(arguments.Count, parameters.Count(p => !p.HasDefaultValue), parameters.Length);
                Assert.All(arguments.Zip(parameters), a => AssertReadable(a.Second, a.First));
            }
        }
    }

    [Fact]
    public void What_is_published_over_HTTP_survives_its_record()
    {
        Assert.All(ContractCatalog.Hubs.Select(h => h.Kind), k => AssertSame(k.Draft!, MethodExamples.Published(k.Name)));
        AssertSame(typeof(PublishResult), MethodExamples.PublishAnswer());
    }

    private static void AssertReadable(ParameterInfo parameter, JsonNode? argument)
    {
        Type type = parameter.GetCustomAttribute<CarriesAttribute>()?.Type ?? parameter.ParameterType;
        if (argument is null)
        {
            Assert.True(parameter.HasDefaultValue, parameter.Name);
            return;
        }

        Assert.NotNull(argument.Deserialize(ContractJson.Options.GetTypeInfo(type)));
    }

    private static void AssertSame(Type type, JsonObject json)
    {
        JsonTypeInfo info = ContractJson.Options.GetTypeInfo(type);
        JsonNode? written = JsonSerializer.SerializeToNode(json.Deserialize(info), info);
        Assert.True(JsonNode.DeepEquals(json, written), $"{type.Name}: {json.ToJsonString()} became {written?.ToJsonString()}");
    }
}
