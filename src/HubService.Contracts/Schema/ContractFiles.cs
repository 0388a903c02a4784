using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace HubService.Contracts.Schema;

/// <summary>The documents that are generated from the records and kept in the repository.</summary>
internal static class ContractFiles
{
    private static readonly JsonSerializerOptions Readable = new() { WriteIndented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The path of each below the repository's root, and its text.</summary>
    public static IReadOnlyDictionary<string, string> Write()
    {
        ContractDocs docs = ContractDocs.Load();
        return new Dictionary<string, string>
        {
            ["src/HubService.Contracts/Schema/Generated/contract.json"] = Text(JsonSchemaWriter.Write(docs)),
            ["src/HubService.Contracts/Schema/Generated/asyncapi.json"] = Text(AsyncApiWriter.Write(docs)),
            ["src/hubservice-client/src/contracts.ts"] = TypeScriptWriter.Write(docs),
        };
    }

    private static string Text(JsonObject document) => document.ToJsonString(Readable) + "\n";
}
