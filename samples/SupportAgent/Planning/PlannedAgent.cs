using SupportAgent.Documents;
using SupportAgent.Tools;

namespace SupportAgent.Planning;

/// <summary>Plans by rules: the same question over the same documents always gets the same answer.</summary>
internal sealed class PlannedAgent(DocumentLibrary library, SupportTools tools, Pace pace) : ISupportAgent
{
    public async Task<AgentAnswer> AnswerAsync(
        string question, IReadOnlyList<ChatTurn> history, IRunEvents run, CancellationToken cancellationToken = default)
    {
        Question asked = Question.Classify(question, history);
        Steps steps = new(run, pace, cancellationToken);
        AgentAnswer answer;
        try
        {
            answer = await (asked.Kind switch
            {
                QuestionKind.Greeting => GreetAsync(steps),
                QuestionKind.AboutAgent => IntroduceAsync(steps),
                QuestionKind.Calculation => CalculateAsync(asked.Subject, steps),
                QuestionKind.Time => TellTimeAsync(asked.Subject, steps),
                QuestionKind.Section => ReadSectionAsync(asked, steps),
                _ => new DocumentPlan(library, tools).AnswerAsync(asked.Subject, steps),
            });
        }
        catch (ToolException failure)
        {
            // The failed call is already on the record as tool_completed with its error; a person deserves a sentence, too.
            answer = new($"That did not work: {failure.Message}", []);
        }

        await run.StreamMessageAsync(pace.DeltasOf(answer.Text, cancellationToken), cancellationToken);
        return answer;
    }

    private static async Task<AgentAnswer> GreetAsync(Steps steps)
    {
        await steps.ThinkAsync("A greeting: no tool is needed.", 1, 1);
        return new("Hello! Ask me anything about HubService, or give me something to calculate.", []);
    }

    private async Task<AgentAnswer> IntroduceAsync(Steps steps)
    {
        await steps.ThinkAsync("A question about myself: I list what I can do.", 1, 1);
        string names = string.Join(", ", library.Names.DefaultIfEmpty("none was found"));
        return new(
            $"""
            I answer questions about HubService from its own documents ({names}) and say where each answer stands.

            - I search and read the documents: "How does replay work?", "Read section Promises of README"
            - I calculate: "What is 15% of 240?", "sqrt(2) * 10^3"
            - I tell the time: "What time is it in Tokyo?"
            """,
            []);
    }

    private static async Task<AgentAnswer> CalculateAsync(string expression, Steps steps)
    {
        await steps.ThinkAsync($"This is arithmetic: {expression}", 1, 2);
        Calculation result = await steps.ToolAsync(
            SupportTools.Calculate, new { expression }, () => SupportTools.Evaluate(expression), "Work out the number instead of guessing it");
        await steps.ThinkAsync("The result is exact enough to be given as it is.", 2, 2);
        return new($"{expression} = {Calculator.Format(result.Value)}", []);
    }

    private async Task<AgentAnswer> TellTimeAsync(string place, Steps steps)
    {
        string? zone = place.Length == 0 ? null : place;
        await steps.ThinkAsync($"I need the clock, for {zone ?? "UTC"}.", 1, 2);
        ClockReading now = await steps.ToolAsync(SupportTools.CurrentTime, new { zone }, () => tools.Now(zone), "Look at the clock");
        await steps.ThinkAsync("I have the time.", 2, 2);
        return new($"It is {now.Text} ({now.Zone}).", []);
    }

    private async Task<AgentAnswer> ReadSectionAsync(Question asked, Steps steps)
    {
        await steps.ThinkAsync($"I am asked for a certain section: {asked.Subject}.", 1, 2);
        PassageText passage = await steps.ToolAsync(
            SupportTools.ReadPassage,
            new { document = asked.Document, section = asked.Subject },
            () => tools.Read(asked.Document, asked.Subject),
            "Read the section in full");
        await steps.ThinkAsync("I quote it as it is.", 2, 2);
        Citation citation = new(passage.Document, passage.Section);
        return new($"{passage.Text}\n\nSources: {citation}", [citation]);
    }
}
