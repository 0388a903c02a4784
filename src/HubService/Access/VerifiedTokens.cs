using System.Collections.Concurrent;

namespace HubService.Access;

/// <summary>
/// Tokens found good a moment ago: a client shows its token twice when it connects, and again with every request. For how long a
/// token is taken at its word is also how long a key that was taken away still counts.
/// </summary>
internal sealed class VerifiedTokens(TimeProvider time)
{
    public static readonly TimeSpan GoodFor = TimeSpan.FromSeconds(20);

    private const int MaxTokens = 2_000;

    private readonly ConcurrentDictionary<string, (TokenResult Result, long At)> _tokens = new(StringComparer.Ordinal);

    private long _sweptAt = time.GetTimestamp();

    /// <summary>The user in it is shared by all who show the token, and must not be changed.</summary>
    public TokenResult? Find(string token) =>
        _tokens.TryGetValue(token, out (TokenResult Result, long At) known)
        && time.GetElapsedTime(known.At) < GoodFor
        && !(known.Result.Principal!.ExpiresAt <= time.GetUtcNow())
            ? known.Result
            : null;

    public void Add(string token, TokenResult result)
    {
        long swept = Volatile.Read(ref _sweptAt);
        if (time.GetElapsedTime(swept) >= GoodFor && Interlocked.CompareExchange(ref _sweptAt, time.GetTimestamp(), swept) == swept)
        {
            foreach ((string old, (TokenResult _, long at)) in _tokens)
            {
                if (time.GetElapsedTime(at) >= GoodFor)
                {
                    _tokens.TryRemove(old, out _);
                }
            }
        }

        if (_tokens.Count >= MaxTokens)
        {
            _tokens.Clear();
        }

        _tokens[token] = (result, time.GetTimestamp());
    }
}
