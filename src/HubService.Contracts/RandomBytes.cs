using System.Security.Cryptography;

namespace HubService.Contracts;

/// <summary>Random bytes in small pieces, of which each thread fetches many at once: a fetch costs more than the bytes.</summary>
internal static class RandomBytes
{
    private const int Fetched = 1_000;

    [ThreadStatic]
    private static byte[]? _bytes;

    [ThreadStatic]
    private static int _used;

    /// <summary>The next bytes; they are good until the thread asks again.</summary>
    public static ReadOnlySpan<byte> Take(int count)
    {
        if (_bytes is null || _used + count > _bytes.Length)
        {
            _bytes ??= new byte[Fetched];
            RandomNumberGenerator.Fill(_bytes);
            _used = 0;
        }

        _used += count;
        return _bytes.AsSpan(_used - count, count);
    }
}
