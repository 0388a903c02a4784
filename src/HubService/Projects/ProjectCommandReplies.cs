using System.Collections.Concurrent;
using HubService.Cluster;
using HubService.Contracts;
using HubService.Contracts.Projects;
using Microsoft.Extensions.Options;

namespace HubService.Projects;

/// <summary>Custom commands that wait for their worker's answer.</summary>
internal sealed class ProjectCommandReplies(ICluster cluster, Handles handles, IOptions<ProjectOptions> options, TimeProvider time)
{
    /// <summary>Stands between a command's id and the node that asked, which a worker gives back unread.</summary>
    private const char Divider = '@';

    private readonly ConcurrentDictionary<string, Waiting> _waiting = new(StringComparer.Ordinal);

    private sealed record Waiting(string Worker, TaskCompletionSource<CommandResult> Answer);

    public async Task<CommandResult> AskAsync(string worker, Func<string, Task> send)
    {
        string id = handles.AreShared ? $"{Ids.New("cmd_")}{Divider}{cluster.Self}" : Ids.New("cmd_");
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

    /// <summary>The other node that asked, or null.</summary>
    public string? AskedBy(string commandId) =>
        commandId.LastIndexOf(Divider) is > 0 and var at && commandId[(at + 1)..] is var node && node != cluster.Self ? node : null;

    /// <summary>False when no command of this id waits for this worker.</summary>
    public bool TryComplete(string worker, string commandId, CommandResult result) =>
        _waiting.TryGetValue(commandId, out Waiting? waiting) && waiting.Worker == worker && waiting.Answer.TrySetResult(result);

    public void Disconnected(string worker) => Gone(w => w == worker);

    /// <summary>The same for every worker of nodes that are gone.</summary>
    public void Gone(IReadOnlyList<string> nodes) => Gone(w => nodes.Contains(Handles.NodeOf(w)));

    private void Gone(Func<string, bool> isGone)
    {
        foreach (Waiting waiting in _waiting.Values)
        {
            if (isGone(waiting.Worker))
            {
                waiting.Answer.TrySetResult(new CommandResult { Error = new HubError(ErrorCodes.OutcomeUnknown, "The worker went away before it answered.") });
            }
        }
    }
}
