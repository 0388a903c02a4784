using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;

namespace HubService.Validation;

/// <summary>Reads newline-delimited JSON as it arrives, line by line, each within the limits of a <see cref="JsonBody"/>.</summary>
internal static class JsonLines
{
    public const string ContentType = "application/x-ndjson";

    /// <summary>One item per line that is not blank, in order; a line that is too long or unreadable is an item with an error.</summary>
    public static async IAsyncEnumerable<JsonBody> ReadAsync(PipeReader reader, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        bool skipping = false;
        while (true)
        {
            ReadResult read = await reader.ReadAsync(cancellationToken);
            ReadOnlySequence<byte> buffer = read.Buffer;
            while (buffer.PositionOf((byte)'\n') is { } end)
            {
                if (!skipping && Parse(buffer.Slice(0, end)) is { } line)
                {
                    yield return line;
                }

                skipping = false;
                buffer = buffer.Slice(buffer.GetPosition(1, end));
            }

            if (!skipping && (read.IsCompleted || buffer.Length > JsonBody.MaxBytes) && Parse(buffer) is { } last)
            {
                yield return last;
            }

            // The rest of a line that is too long is not kept.
            skipping |= buffer.Length > JsonBody.MaxBytes;
            reader.AdvanceTo(skipping || read.IsCompleted ? buffer.End : buffer.Start, buffer.End);
            if (read.IsCompleted)
            {
                yield break;
            }
        }
    }

    /// <summary>Null for a blank line.</summary>
    private static JsonBody? Parse(ReadOnlySequence<byte> line) =>
        line.Length > JsonBody.MaxBytes ? JsonBody.TooLong
        : line.ToArray() is var bytes && bytes.AsSpan().Trim(" \t\r"u8).IsEmpty ? null
        : JsonBody.Parse(bytes);
}
