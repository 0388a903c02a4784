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
            : new ModelAgent(new OpenAiChatClient(options.Model), tools, options.Model.MaxRounds);
    }
}
