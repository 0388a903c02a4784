using System.Runtime.CompilerServices;

namespace SupportAgent;

/// <summary>Slows an answer down, so that a person sees it come.</summary>
internal sealed class Pace(SupportAgentOptions options, TimeProvider time)
{
    private const int WordsPerDelta = 2;

    public Task AfterStepAsync(CancellationToken cancellationToken) => PauseAsync(options.StepDelay, cancellationToken);

    /// <summary>The text in pieces of a few words; together they are the text.</summary>
    public async IAsyncEnumerable<string> DeltasOf(string text, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        int start = 0, words = 0;
        for (int i = 1; i <= text.Length; i++)
        {
            bool wordBegins = i < text.Length && char.IsWhiteSpace(text[i - 1]) && !char.IsWhiteSpace(text[i]);
            if (i == text.Length || (wordBegins && ++words % WordsPerDelta == 0))
            {
                await PauseAsync(options.DeltaDelay, cancellationToken);
                yield return text[start..i];
                start = i;
            }
        }
    }

    private Task PauseAsync(TimeSpan delay, CancellationToken cancellationToken) =>
        delay > TimeSpan.Zero ? Task.Delay(delay, time, cancellationToken) : Task.CompletedTask;
}
