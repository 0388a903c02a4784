using System.Buffers;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace HubService.Contracts;

/// <summary>One conversation. 1 to 128 of <c>A-Z a-z 0-9 . _ -</c>; never starts with <c>run_</c>.</summary>
[JsonConverter(typeof(IdConverter<ThreadId>))]
public readonly record struct ThreadId(string Value) : IId<ThreadId>
{
    public static ThreadId From(string value) => new(value);

    public static ThreadId New() => new(Ids.New("thread_"));

    public override string ToString() => Value;
}

/// <summary>One project, that is one pipeline over fixed stages. Same characters as a <see cref="ThreadId"/>.</summary>
[JsonConverter(typeof(IdConverter<ProjectId>))]
public readonly record struct ProjectId(string Value) : IId<ProjectId>
{
    public static ProjectId From(string value) => new(value);

    public override string ToString() => Value;
}

/// <summary>One execution by one agent in a thread, or one pipeline execution. Never a recipient: publish to the thread.</summary>
[JsonConverter(typeof(IdConverter<RunId>))]
public readonly record struct RunId(string Value) : IId<RunId>
{
    public const string Prefix = "run_";

    public static RunId From(string value) => new(value);

    public static RunId New() => new(Ids.New(Prefix));

    public override string ToString() => Value;
}

/// <summary>An id that travels as plain text.</summary>
public interface IId<TSelf>
    where TSelf : struct, IId<TSelf>
{
    string Value { get; }

    static abstract TSelf From(string value);
}

/// <summary>Makes and checks ids. The one place that asks for randomness.</summary>
public static class Ids
{
    public const int MaxLength = 128;

    internal const string LiaisonPrefix = "liaison:";

    private static readonly SearchValues<char> Allowed =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-");

    /// <summary>A new id: the prefix, then 20 characters (100 random bits) of lower-case base32.</summary>
    public static string New(string prefix = "")
    {
        ArgumentNullException.ThrowIfNull(prefix);
        return string.Create(prefix.Length + 20, prefix, static (span, p) =>
        {
            p.CopyTo(span);
            ReadOnlySpan<byte> random = RandomBytes.Take(20);
            for (int i = 0; i < random.Length; i++)
            {
                span[p.Length + i] = "abcdefghijklmnopqrstuvwxyz234567"[random[i] & 31];
            }
        });
    }

    /// <summary>True for 1 to 128 letters, digits, dots, underscores and hyphens.</summary>
    public static bool IsValid(string? value) =>
        value is { Length: > 0 and <= MaxLength } && !value.AsSpan().ContainsAnyExcept(Allowed);

    /// <summary>True for what an agent can be served or addressed under: <c>guide</c>, <c>liaison:{pillar}</c> or an agent name.</summary>
    internal static bool IsAddress(string? value) =>
        IsValid(value is not null && value.StartsWith(LiaisonPrefix, StringComparison.Ordinal) ? value[LiaisonPrefix.Length..] : value);
}

internal sealed class IdConverter<TId> : JsonConverter<TId>
    where TId : struct, IId<TId>
{
    public override TId Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.String && reader.GetString() is { } text && Ids.IsValid(text)
            ? TId.From(text)
            : throw new RefusedValueException(Schema.Rules.IdTextAttribute.Rule);

    public override void Write(Utf8JsonWriter writer, TId value, JsonSerializerOptions options) => writer.WriteStringValue(value.Value);
}
