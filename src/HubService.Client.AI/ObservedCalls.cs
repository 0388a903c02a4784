using Microsoft.Extensions.AI;

namespace HubService.Client.AI;

/// <summary>
/// Tool calls that somebody else invokes: the model's provider, a function that the options do not hold, or the caller. They are
/// known by the call and the result that pass by. What a <see cref="ReportedFunction"/> reports is not reported again.
/// </summary>
internal sealed class ObservedCalls(AgentRun run)
{
    private readonly HashSet<string> _invoked = new(StringComparer.Ordinal);
    private readonly Dictionary<string, FunctionCallContent> _expected = new(StringComparer.Ordinal);
    private readonly Dictionary<string, OpenCall> _open = new(StringComparer.Ordinal);

    /// <summary>These report themselves when the inner client invokes them.</summary>
    public void ExpectInvoked(IEnumerable<string> names) => _invoked.UnionWith(names);

    /// <summary>The model asked for a tool.</summary>
    public void Called(FunctionCallContent call)
    {
        if (_invoked.Contains(call.Name))
        {
            _expected[call.CallId] = call;
        }
        else
        {
            Begin(call);
        }
    }

    /// <summary>A result passed by: of a tool that was invoked inside, or of one that the caller invoked.</summary>
    public async Task CompletedAsync(FunctionResultContent result)
    {
        _expected.Remove(result.CallId);
        if (_open.Remove(result.CallId, out OpenCall? open))
        {
            await open.CompleteAsync(result);
        }
    }

    /// <summary>The response is over: what was not invoked by now is the caller's to invoke.</summary>
    public void OpenUninvoked()
    {
        foreach (FunctionCallContent call in _expected.Values)
        {
            Begin(call);
        }

        _expected.Clear();
    }

    /// <summary>The caller's results, after the model's last message: what stands before it may be of another call with the same id.</summary>
    public async Task ResultsAsync(IList<ChatMessage> conversation)
    {
        IEnumerable<ChatMessage> newest = conversation.Reverse().TakeWhile(m => m.Role != ChatRole.Assistant).Reverse();
        foreach (FunctionResultContent result in newest.SelectMany(m => m.Contents).OfType<FunctionResultContent>())
        {
            await CompletedAsync(result);
        }
    }

    private void Begin(FunctionCallContent call)
    {
        if (!_open.ContainsKey(call.CallId))
        {
            _open[call.CallId] = new OpenCall(run, call);
        }
    }

    /// <summary>A call that is under way; without a result it stays open until the run ends, which closes it as abandoned.</summary>
    private sealed class OpenCall
    {
        private readonly TaskCompletionSource<object?> _result = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly Task _reported;

        public OpenCall(AgentRun run, FunctionCallContent call)
        {
            _reported = run.ToolAsync(call.Name, call.Arguments, ct => _result.Task.WaitAsync(ct));

            // Whoever waits for the result sees why; without one the run's end says it.
            _ = _reported.ContinueWith(static t => _ = t.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
        }

        public async Task CompleteAsync(FunctionResultContent result)
        {
            if (result.Exception is { } failure)
            {
                _result.TrySetException(failure);
            }
            else
            {
                _result.TrySetResult(result.Result);
            }

            try
            {
                await _reported;
            }
            catch (Exception e) when (ReferenceEquals(e, result.Exception))
            {
                // It is in the run as the tool's error, and in the conversation.
            }
        }
    }
}
