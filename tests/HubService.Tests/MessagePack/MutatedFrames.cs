using System.Buffers;
using System.Text.Json;
using HubService.Contracts;
using HubService.MessagePack;
using Microsoft.AspNetCore.SignalR.Protocol;

namespace HubService.Tests.MessagePack;

/// <summary>Frames that a client sends, each changed in one to four places; the same ones for the same seed.</summary>
internal sealed class MutatedFrames
{
    /// <summary>Bytes that begin something: the largest lengths, what is not to be, containers, extensions.</summary>
    private static readonly byte[] Codes = [0x00, 0x7f, 0x80, 0x8f, 0x90, 0x91, 0x9f, 0xa0, 0xbf, 0xc0, 0xc1, 0xc4, 0xc6, 0xc7, 0xc9, 0xca, 0xcb, 0xcf, 0xd3, 0xd4, 0xd7, 0xd8, 0xd9, 0xdb, 0xdc, 0xdd, 0xde, 0xdf, 0xe0, 0xff];

    private readonly Random _random;
    private readonly byte[][] _originals;

    public MutatedFrames(int seed)
    {
        _random = new Random(seed);
        var protocol = new MessagePackHubProtocol(ContractJson.Carrier, int.MaxValue);
        _originals = [.. Messages(seed).Select(m => Body(protocol.GetMessageBytes(m)))];
    }

    public byte[] Original(int index) => Packed.Frame(_originals[index]);

    public byte[] Next()
    {
        List<byte> frame = [.. _originals[_random.Next(_originals.Length)]];
        for (int i = _random.Next(2) == 0 ? 1 : _random.Next(1, 5); i > 0; i--)
        {
            Mutate(frame);
        }

        // Mostly behind a length that is right, or the length alone would refuse it.
        return _random.Next(8) == 0 || frame.Count == 0 ? [.. frame] : Packed.Frame(frame.ToArray());
    }

    private static byte[] Body(ReadOnlyMemory<byte> frame)
    {
        var input = new ReadOnlySequence<byte>(frame);
        Assert.True(MessagePackFrame.TryTake(ref input, int.MaxValue, out ReadOnlySequence<byte> body));
        return body.ToArray();
    }

    private void Mutate(List<byte> frame)
    {
        int at = _random.Next(frame.Count + 1);
        int length = Math.Min(_random.Next(1, 9), frame.Count - at);
        switch (_random.Next(9))
        {
            case 0 or 7 or 8 when at < frame.Count: frame[at] ^= (byte)(1 << _random.Next(8)); break;
            case 1 when at < frame.Count: frame[at] = Codes[_random.Next(Codes.Length)]; break;
            case 2: frame.Insert(at, Codes[_random.Next(Codes.Length)]); break;
            case 3: frame.RemoveRange(at, length); break;
            case 4: frame.InsertRange(at, frame.GetRange(at, length)); break;
            case 5: frame.InsertRange(at, [Codes[_random.Next(Codes.Length)], 0xff, 0xff, 0xff, 0xff]); break;
            default:
                byte[] other = _originals[_random.Next(_originals.Length)];
                frame.InsertRange(at, other.AsSpan(_random.Next(other.Length)));
                break;
        }
    }

    private static IEnumerable<HubMessage> Messages(int seed)
    {
        JsonElement events = JsonElement.Parse("""[{"type":"tool_completed","run_id":"run_1","payload":{"tool_call_id":"c","tool_name":"n","status":"ok","duration_ms":812.5,"result":{"list":[1,-2,3.5,null,true]}}}]""");
        yield return new InvocationMessage("1", "Subscribe", ["thread_1", "k3x9:41"]);
        yield return new InvocationMessage(null, "Ping", [1765886400000L]);
        yield return new InvocationMessage("2", "Publish", ["thread_1", events]) { Headers = new Dictionary<string, string> { ["traceparent"] = "00-1-2-01" } };
        yield return new InvocationMessage("3", "SendMessage", [JsonElement.Parse("""{"text":"é","target":"guide","metadata":{"a":{"b":[[]]}}}""")]);
        yield return new InvocationMessage("4", "ServeAgents", [new List<string> { "guide", "liaison:content" }, 8]);
        yield return new InvocationMessage("5", "CompleteCommand", ["cmd_1", events, new HubError("internal", "text")]);
        yield return new InvocationMessage("6", "PublishStream", ["thread_1"], [HubTypes.OpenStream]);
        yield return new StreamInvocationMessage("7", "ListThreads", []);
        yield return new StreamItemMessage(HubTypes.OpenStream, events);
        yield return new StreamItemMessage(HubTypes.OpenStream, events[0]);
        yield return new StreamItemMessage(HubTypes.OpenStream, events[0].GetProperty("payload"));
        yield return CompletionMessage.WithResult(HubTypes.OpenStream, events);
        yield return CompletionMessage.WithError(HubTypes.OpenStream, "why");
        yield return CompletionMessage.Empty(HubTypes.OpenStream);
        yield return new CancelInvocationMessage("7");
        yield return new CloseMessage("why", allowReconnect: true);
        yield return PingMessage.Instance;
        for (int i = 0; i < 8; i++)
        {
            byte[] json = new RandomJson(seed + i).Next();
            yield return new InvocationMessage("8", "Publish", ["thread_1", JsonElement.Parse(json)]);
        }
    }
}
