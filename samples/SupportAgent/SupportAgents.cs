using System.ClientModel;
using Microsoft.Extensions.AI;
using OpenAI;
using OpenAI.Chat;
using SupportAgent.Documents;
using SupportAgent.Models;
using SupportAgent.Planning;
using SupportAgent.Tools;

namespace SupportAgent;

/// <summary>Puts an agent together.</summary>
public static class SupportAgents
{
    /// <summary>An agent that plans by rules, or by a language model if one is configured.</summary>
    public static ISupportAgent Create(SupportAgentOptions options, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(options);
        DocumentLibrary library = DocumentLibrary.Load(options.DocumentsDirectory);
        SupportTools tools = new(library, time);
        return options.Model.Endpoint is null
            ? new PlannedAgent(library, tools, new Pace(options, time))
            : new ModelAgent(Model(options.Model), tools, options.Model.MaxRounds);
    }

    internal static IChatClient Model(ModelOptions options) =>
        new ChatClient(options.Name, new ApiKeyCredential(options.ApiKey), new OpenAIClientOptions { Endpoint = options.Endpoint }).AsIChatClient();
}
