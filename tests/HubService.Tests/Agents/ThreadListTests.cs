using System.Text.Json;
using HubService.Agents;
using HubService.Contracts;
using HubService.Contracts.Agents;
using HubService.Publishing;
using HubService.Streams;

namespace HubService.Tests.Agents;

/// <summary>
/// The list once kept its order in a dictionary: after a deletion a new thread stood in the wrong place, and beyond the
/// thousandth every new thread was the first to go.
/// </summary>
public sealed class ThreadListTests
{
    private readonly UserState _state = (UserState)new UserRules().Open(new StreamKey("t", StreamId.User("ada")), null);
    private long _now;

    [Fact]
    public void The_newest_thread_comes_first_also_after_a_deletion()
    {
        Created("a", "ada");
        Created("b", "ada");
        Created("c", "ada");
        Tell("thread_deleted", "a", "ada");
        Created("d", "ada");
        Assert.Equal(["d", "c", "b"], _state.Threads.Select(t => t.ThreadId.Value));
    }

    [Fact]
    public void Beyond_a_thousand_threads_the_oldest_go()
    {
        for (int i = 0; i < 1_010; i++)
        {
            Created($"n{i}", "ada");
        }

        Assert.Equal(1_000, _state.Threads.Count);
        Assert.Equal("n1009", _state.Threads[0].ThreadId.Value);
    }

    [Fact]
    public void Nobody_crowds_out_what_is_mine()
    {
        Created("mine", "ada");
        for (int i = 0; i < 1_010; i++)
        {
            Created($"n{i}", "mallory");
        }

        Assert.Contains(_state.Threads, t => t.ThreadId.Value == "mine");
    }

    private void Created(string id, string owner) => Tell("thread_created", id, owner);

    private void Tell(string type, string id, string owner)
    {
        var info = new ThreadInfo(new ThreadId(id), id, owner, [], null, DateTimeOffset.FromUnixTimeMilliseconds(++_now));
        _state.Apply(new PlacedEvent(type, id, null, owner, null, info.CreatedAt, JsonSerializer.SerializeToElement(info, ContractJson.Default.ThreadInfo)));
    }
}
