using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.SignalR;
using Microsoft.AspNetCore.SignalR.Protocol;

namespace HubService.MessagePack;

/// <summary>
/// SignalR's MessagePack protocol, version 1. Values pass through their JSON, so that names, types and strictness are those
/// of the given options and stand in one place. What is no message is an <see cref="InvalidDataException"/>, which ends the
/// connection; a call whose arguments do not fit is a binding failure, which is answered.
/// </summary>
/// <param name="maxBytes">The longest message that is read; none of its values may be longer as JSON.</param>
/// <remarks>Protocol: https://github.com/dotnet/aspnetcore/blob/main/src/SignalR/docs/specs/HubProtocol.md</remarks>
internal sealed class MessagePackHubProtocol(JsonSerializerOptions options, int maxBytes) : IHubProtocol
{
    public const string ProtocolName = "messagepack";

    private readonly MessageReading _reading = new(options, maxBytes);
    private readonly MessageWriting _writing = new(options);

    public string Name => ProtocolName;

    public int Version => 1;

    public TransferFormat TransferFormat => TransferFormat.Binary;

    public bool IsVersionSupported(int version) => version == Version;

    public ReadOnlyMemory<byte> GetMessageBytes(HubMessage message)
    {
        var output = new ArrayBufferWriter<byte>();
        WriteMessage(message, output);
        return output.WrittenMemory;
    }

    public void WriteMessage(HubMessage message, IBufferWriter<byte> output)
    {
        using var writer = new MessagePackWriter();
        _writing.Write(message, writer);
        MessagePackFrame.Write(writer.Written, output);
    }

    public bool TryParseMessage(ref ReadOnlySequence<byte> input, IInvocationBinder binder, [NotNullWhen(true)] out HubMessage? message)
    {
        message = null;
        if (!MessagePackFrame.TryTake(ref input, maxBytes, out ReadOnlySequence<byte> body))
        {
            return false;
        }

        if (body.IsSingleSegment)
        {
            message = _reading.Read(body.FirstSpan, binder);
            return true;
        }

        byte[] whole = ArrayPool<byte>.Shared.Rent((int)body.Length);
        try
        {
            body.CopyTo(whole);
            message = _reading.Read(whole.AsSpan(0, (int)body.Length), binder);
            return true;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(whole);
        }
    }
}
