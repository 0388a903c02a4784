using System.Text.Json.Nodes;

namespace HubService.Contracts.Schema;

/// <summary>One call with its answer per hub method, one request per method of a worker, and what is published over HTTP; kept in <c>method-examples.json</c>.</summary>
internal static class MethodExamples
{
    private static readonly JsonObject All = Load();

    /// <summary>The arguments of a call, one per parameter; for a stream one of its items.</summary>
    public static JsonArray Arguments(string hub, string method) => (JsonArray)All[hub]!["methods"]![method]!["arguments"]!.DeepClone();

    public static JsonObject Answer(string hub, string method) => (JsonObject)All[hub]!["methods"]![method]!["answer"]!.DeepClone();

    public static JsonObject Request(string hub, string method) => (JsonObject)All[hub]!["asks_workers"]![method]!.DeepClone();

    /// <summary>An event as it is published over HTTP.</summary>
    /// <param name="kind">The name of an <see cref="EventKind"/> that has drafts.</param>
    public static JsonObject Published(string kind) => (JsonObject)All["http"]!["publish"]![kind]!.DeepClone();

    public static JsonObject PublishAnswer() => (JsonObject)All["http"]!["publish_answer"]!.DeepClone();

    private static JsonObject Load()
    {
        using Stream stream = typeof(MethodExamples).Assembly.GetManifestResourceStream("method-examples.json")!;
        return (JsonObject)JsonNode.Parse(stream)!;
    }
}
