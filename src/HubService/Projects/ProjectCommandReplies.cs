using System.Collections.Concurrent;
using HubService.Contracts;
using HubService.Contracts.Projects;
using Microsoft.Extensions.Options;

namespace HubService.Projects;

/// <summary>Custom commands that wait for their worker's answer.</summary>
internal sealed class ProjectCommandReplies(IOptions<ProjectOptions> options, TimeProvider time)
{
    private readonly ConcurrentDictionary<string, Waiting> _waiting = new(StringComparer.Ordinal);

    private sealed record Waiting(string Worker, TaskCompletionSource<CommandResult> Answer);

    public async Task<CommandResult> AskAsync(string worker, Func<string, Task> send)
    {
        string id = Ids.New("cmd_");
        var waiting = new Waiting(worker, new TaskCompletionSource<CommandResult>(TaskCreationOptions.RunContinuationsAsynchronously));
        _waiting[id] = waiting;
        try
        {
            await send(id);
            return await waiting.Answer.Task.WaitAsync(options.Value.CommandTimeout, time);
        }
        catch (TimeoutException)
        {
            return new CommandResult { Error = new HubError(ErrorCodes.OutcomeUnknown, "The worker did not answer in time; it may still act on the command.") };
        }
        finally
        {
            _waiting.TryRemove(id, out _);
        }
    }

    /// <summary>False when no command of this id waits for this worker.</summary>
    public bool TryComplete(string worker, string commandId, CommandResult result) =>
        _waiting.TryGetValue(commandId, out Waiting? waiting) && waiting.Worker == worker && waiting.Answer.TrySetResult(result);

    public void Disconnected(string worker)
    {
        foreach (Waiting waiting in _waiting.Values)
        {
            if (waiting.Worker == worker)
            {
                waiting.Answer.TrySetResult(new CommandResult { Error = new HubError(ErrorCodes.OutcomeUnknown, "The worker went away before it answered.") });
            }
        }
    }
}
