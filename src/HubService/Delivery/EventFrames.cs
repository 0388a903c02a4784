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
    private static readonly ConcurrentDictionary<(string Kind, string Type), byte[]> Heads = new();
    private static readonly byte[] ProjectHead = HeadOf(nameof(Contracts.Projects.IProjectClient.ProjectEvent));

    /// <summary>The envelope as JSON.</summary>
    public static ReadOnlyMemory<byte> Envelope(string epoch, LogEntry entry)
    {
        var writer = new ArrayBufferWriter<byte>(entry.Body.Length + 64);
        WriteEnvelope(writer, epoch, entry);
        return writer.WrittenMemory;
    }

    /// <summary>The envelope as one invocation of SignalR's JSON protocol, with its record separator.</summary>
    public static ReadOnlyMemory<byte> Invocation(string kind, string epoch, LogEntry entry)
    {
        byte[] head = kind == StreamKind.Project ? ProjectHead : Heads.GetOrAdd((kind, entry.Type), static k => HeadOf(ContractNames.ToPascal(k.Type)));
        var writer = new ArrayBufferWriter<byte>(head.Length + entry.Body.Length + 96);
        writer.Write(head);
        WriteEnvelope(writer, epoch, entry);
        writer.Write("]}\u001e"u8);
        return writer.WrittenMemory;
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

    private static void WriteEnvelope(ArrayBufferWriter<byte> writer, string epoch, LogEntry entry)
    {
        Span<byte> span = writer.GetSpan(epoch.Length + 48);
        if (!System.Text.Unicode.Utf8.TryWrite(span, $"{{\"seq\":{entry.Seq},\"epoch\":\"{epoch}\",", out int written))
        {
            throw new InvalidOperationException("An epoch is short.");
        }

        writer.Advance(written);
        writer.Write(entry.Body.Span[1..]);
    }

    private static byte[] HeadOf(string method) => Encoding.UTF8.GetBytes($$"""{"type":1,"target":"{{method}}","arguments":[""");
}
