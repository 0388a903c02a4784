using System.Text;
using Microsoft.Extensions.AI;

namespace SupportAgent.Models;

/// <summary>One answer of a language model: text, tool calls or both.</summary>
internal sealed class ModelRound(IAsyncEnumerable<ChatResponseUpdate> updates, UsageDetails usage)
{
    private readonly StringBuilder text = new();
    private readonly List<FunctionCallContent> calls = [];

    public string Text => text.ToString();

    public IReadOnlyList<FunctionCallContent> Calls => calls;

    /// <summary>Streams the text while it comes; a round without text opens no message.</summary>
    public async Task StreamToAsync(IRunEvents run, CancellationToken cancellationToken)
    {
        await using IAsyncEnumerator<string> deltas = Deltas().GetAsyncEnumerator(cancellationToken);
        if (await deltas.MoveNextAsync())
        {
            await run.StreamMessageAsync(FromCurrent(deltas), cancellationToken);
        }
    }

    private static async IAsyncEnumerable<string> FromCurrent(IAsyncEnumerator<string> deltas)
    {
        do
        {
            yield return deltas.Current;
        }
        while (await deltas.MoveNextAsync());
    }

    private async IAsyncEnumerable<string> Deltas()
    {
        await foreach (ChatResponseUpdate update in updates)
        {
            calls.AddRange(update.Contents.OfType<FunctionCallContent>());
            foreach (UsageContent counted in update.Contents.OfType<UsageContent>())
            {
                usage.Add(counted.Details);
            }

            if (update.Text.Length > 0)
            {
                text.Append(update.Text);
                yield return update.Text;
            }
        }
    }
}
