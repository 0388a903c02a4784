using System.Buffers;
using System.Collections.Concurrent;
using System.Text;
using HubService.Contracts;
using HubService.Contracts.Schema;
using HubService.Streams;

namespace HubService.Delivery;

/// <summary>
/// Puts a logged envelope on the wire without parsing it: seq and epoch are spliced in behind its opening brace, and for
/// SignalR the invocation is written around it.
/// </summary>
internal static class EventFrames
{
    /// <summary>Room for a seq, an epoch and their names.</summary>
    private const int MaxStart = 256;

    private static ReadOnlySpan<byte> Tail => "]}\u001e"u8;

    private static readonly ConcurrentDictionary<(string Kind, string Type), byte[]> Heads = new();
    private static readonly byte[] ProjectHead = HeadOf(nameof(Contracts.Projects.IProjectClient.ProjectEvent));

    /// <summary>The envelope as JSON.</summary>
    public static ReadOnlyMemory<byte> Envelope(string epoch, LogEntry entry) => Frame([], [], epoch, entry);

    /// <summary>The envelope as one invocation of SignalR's JSON protocol, with its record separator.</summary>
    public static ReadOnlyMemory<byte> Invocation(string kind, string epoch, LogEntry entry) => Frame(HeadOf(kind, entry.Type), Tail, epoch, entry);

    /// <summary>The same behind what the writer holds.</summary>
    public static void WriteInvocation(IBufferWriter<byte> writer, string kind, string epoch, LogEntry entry)
    {
        byte[] head = HeadOf(kind, entry.Type);
        Span<byte> start = stackalloc byte[MaxStart];
        start = start[..WriteStart(start, epoch, entry.Seq)];
        int length = head.Length + start.Length + entry.Body.Length - 1 + Tail.Length;
        Fill(writer.GetSpan(length), head, start, entry, Tail);
        writer.Advance(length);
    }

    /// <summary>The publisher's trace, where the envelope's metadata carries one.</summary>
    public static string? TraceparentOf(LogEntry entry)
    {
        ReadOnlySpan<byte> name = "\"traceparent\":\""u8;
        ReadOnlySpan<byte> body = entry.Body.Span;
        int at = body.LastIndexOf(name);
        ReadOnlySpan<byte> value = at < 0 ? default : body[(at + name.Length)..];
        int end = value.IndexOf((byte)'"');
        return end is > 0 and <= 64 ? Encoding.ASCII.GetString(value[..end]) : null;
    }

    private static byte[] Frame(ReadOnlySpan<byte> head, ReadOnlySpan<byte> tail, string epoch, LogEntry entry)
    {
        Span<byte> start = stackalloc byte[MaxStart];
        start = start[..WriteStart(start, epoch, entry.Seq)];
        byte[] frame = GC.AllocateUninitializedArray<byte>(head.Length + start.Length + entry.Body.Length - 1 + tail.Length);
        Fill(frame, head, start, entry, tail);
        return frame;
    }

    private static void Fill(Span<byte> frame, ReadOnlySpan<byte> head, ReadOnlySpan<byte> start, LogEntry entry, ReadOnlySpan<byte> tail)
    {
        head.CopyTo(frame);
        frame = frame[head.Length..];
        start.CopyTo(frame);
        frame = frame[start.Length..];
        entry.Body.Span[1..].CopyTo(frame);
        tail.CopyTo(frame[(entry.Body.Length - 1)..]);
    }

    private static int WriteStart(Span<byte> start, string epoch, long seq) =>
        System.Text.Unicode.Utf8.TryWrite(start, $"{{\"seq\":{seq},\"epoch\":\"{epoch}\",", out int written) ? written : throw new InvalidOperationException($"The epoch '{epoch}' leaves no room in {MaxStart} bytes.");

    private static byte[] HeadOf(string kind, string type) => kind == StreamKind.Project
        ? ProjectHead
        : Heads.GetOrAdd((kind, type), static k => HeadOf(ContractNames.ToPascal(k.Type)));

    private static byte[] HeadOf(string method) => Encoding.UTF8.GetBytes($$"""{"type":1,"target":"{{method}}","arguments":[""");
}
