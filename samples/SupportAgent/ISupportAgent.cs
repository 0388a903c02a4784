namespace SupportAgent;

/// <summary>Answers questions about the documents it was given.</summary>
public interface ISupportAgent
{
    /// <summary>
    /// Answers one question and shows every thought and tool call on the way; the answer has been streamed when this returns.
    /// A tool that fails is explained in the answer and does not end the run.
    /// </summary>
    /// <param name="history">What was said before in the conversation, oldest first, without the question.</param>
    Task<AgentAnswer> AnswerAsync(string question, IReadOnlyList<ChatTurn> history, IRunEvents run, CancellationToken cancellationToken = default);
}

/// <summary>Something that was said before.</summary>
/// <param name="Role"><c>user</c> or <c>assistant</c>.</param>
public sealed record ChatTurn(string Role, string Text);

/// <summary>The answer as it was streamed.</summary>
public sealed record AgentAnswer(string Text, IReadOnlyList<Citation> Citations, AgentUsage? Usage = null);

/// <summary>Where an answer comes from.</summary>
/// <param name="Section">The headings down to the passage, joined by <c> › </c>.</param>
public sealed record Citation(string Document, string Section)
{
    public override string ToString() => $"{Document} › {Section}";
}

/// <summary>What a language model counted.</summary>
public sealed record AgentUsage(long InputTokens, long OutputTokens);
