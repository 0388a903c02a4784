using System.Runtime.ExceptionServices;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.AspNetCore.SignalR;
using Microsoft.AspNetCore.SignalR.Protocol;

namespace HubService.MessagePack;

/// <summary>
/// Binds well-formed values to the types that a hub asks for, by way of their JSON. What does not fit becomes a binding
/// failure, which SignalR answers.
/// </summary>
/// <param name="maxBytes">The longest a value may be as JSON.</param>
internal sealed class ValueBinding(JsonSerializerOptions options, int maxBytes)
{
    private static readonly JsonWriterOptions Unchecked = new() { SkipValidation = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>A call; trailing arguments that may be null may be left out.</summary>
    /// <param name="arguments">The given values, one after the other.</param>
    public HubMessage Call(string? id, string target, ReadOnlySpan<byte> arguments, int given, string[]? streams, bool isStream, IInvocationBinder binder)
    {
        try
        {
            object?[] bound = Arguments(arguments, given, binder.GetParameterTypes(target));
            return isStream ? new StreamInvocationMessage(id!, target, bound, streams) : new InvocationMessage(id, target, bound, streams);
        }
        catch (Exception e)
        {
            return new InvocationBindingFailureMessage(id, target, ExceptionDispatchInfo.Capture(e));
        }
    }

    public HubMessage StreamItem(string id, ReadOnlySpan<byte> item, IInvocationBinder binder)
    {
        try
        {
            var reader = new MessagePackReader(item);
            return new StreamItemMessage(id, Read(ref reader, binder.GetStreamItemType(id)));
        }
        catch (Exception e)
        {
            return new StreamBindingFailureMessage(id, ExceptionDispatchInfo.Capture(e));
        }
    }

    public CompletionMessage Result(string id, ReadOnlySpan<byte> result, IInvocationBinder binder)
    {
        Type type;
        try
        {
            type = binder.GetReturnType(id);
        }
        catch (Exception)
        {
            // Nobody waits for it any more.
            return CompletionMessage.Empty(id);
        }

        try
        {
            var reader = new MessagePackReader(result);
            return CompletionMessage.WithResult(id, Read(ref reader, type));
        }
        catch (Exception e) when (e is JsonException or RefusedItemException or NotSupportedException)
        {
            return CompletionMessage.WithError(id, $"The result is no {type.Name}: {e.Message}");
        }
    }

    private object?[] Arguments(ReadOnlySpan<byte> values, int given, IReadOnlyList<Type> types)
    {
        if (given > types.Count)
        {
            throw new InvalidDataException($"There are {given} arguments for {types.Count} parameters.");
        }

        object?[] arguments = new object?[types.Count];
        var reader = new MessagePackReader(values);
        for (int i = 0; i < types.Count; i++)
        {
            arguments[i] = i < given
                ? Read(ref reader, types[i])
                : !types[i].IsValueType || Nullable.GetUnderlyingType(types[i]) is not null
                    ? null
                    : throw new InvalidDataException($"There are {given} arguments for {types.Count} parameters.");
        }

        return arguments;
    }

    private object? Read(ref MessagePackReader reader, Type type)
    {
        using var json = new PooledBytes();
        using (var writer = new Utf8JsonWriter(json, Unchecked))
        {
            MessagePackToJson.Write(ref reader, writer, maxBytes);
        }

        return JsonSerializer.Deserialize(json.Written, options.GetTypeInfo(type));
    }
}
