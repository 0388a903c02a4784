using System.Buffers;
using HubService.Contracts;
using HubService.MessagePack;
using Microsoft.AspNetCore.SignalR.Protocol;

namespace HubService.Tests.MessagePack;

/// <summary>Frames that no client would send: nothing but <see cref="InvalidDataException"/> leaves the protocol, and its memory follows the bytes received.</summary>
public class MutationTests(ITestOutputHelper output)
{
    private const int MaxBytes = 1_000_000;

    private const int Count = 200_000;

    private readonly MessagePackHubProtocol _protocol = new(ContractJson.Carrier, MaxBytes);
    private readonly HubTypes _binder = new();
    private readonly SortedDictionary<string, int> _outcomes = new(StringComparer.Ordinal);

    [Fact]
    public void Mutated_frames_are_read_or_refused_within_the_memory_of_their_bytes()
    {
        var frames = new MutatedFrames(seed: 18);
        Feed(frames.Original(0));
        for (int i = 0; i < Count; i++)
        {
            byte[] frame = frames.Next();
            string? problem = Feed(frame);
            Assert.True(problem is null, $"Frame {i}, {Convert.ToHexStringLower(frame.AsSpan(0, Math.Min(frame.Length, 200)))}: {problem}");
        }

        output.WriteLine(string.Join('\n', _outcomes.Select(o => $"{o.Key}: {o.Value}")));
        // The mutations reach every part: some go through, some are answered, some are no message.
        Assert.All([nameof(InvocationMessage), nameof(InvocationBindingFailureMessage), nameof(StreamItemMessage), nameof(InvalidDataException), "incomplete"], o => Assert.True(_outcomes.GetValueOrDefault(o) > Count / 200, o));
    }

    public static TheoryData<string> Bombs => [.. MessageBombs.All.Keys];

    [Theory]
    [MemberData(nameof(Bombs))]
    public void A_bomb_is_refused_within_the_memory_of_its_bytes(string name)
    {
        (byte[] message, string[] outcomes) = MessageBombs.All[name];
        byte[] frame = Packed.Frame(message);
        Feed(frame);
        _outcomes.Clear();
        Assert.Null(Feed(frame));
        Assert.Contains(Assert.Single(_outcomes).Key, outcomes);
    }

    /// <summary>Reads all that the bytes hold. Null when it went as it should.</summary>
    private string? Feed(byte[] frame)
    {
        // In two segments, as a pipe may hand it over.
        ReadOnlySequence<byte> input = Segments.Of(frame, frame.Length / 3);
        long before = GC.GetAllocatedBytesForCurrentThread();
        string outcome = "incomplete";
        try
        {
            for (long left = input.Length; _protocol.TryParseMessage(ref input, _binder, out HubMessage? message); left = input.Length)
            {
                outcome = message.GetType().Name;
                if (input.Length >= left)
                {
                    return "no byte was taken";
                }
            }
        }
        catch (InvalidDataException)
        {
            outcome = nameof(InvalidDataException);
        }
        catch (Exception e)
        {
            return e.ToString();
        }

        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        _outcomes[outcome] = _outcomes.GetValueOrDefault(outcome) + 1;
        return allocated > 32 * 1024 + 32L * frame.Length ? $"{allocated} bytes were allocated for {frame.Length}" : null;
    }
}
