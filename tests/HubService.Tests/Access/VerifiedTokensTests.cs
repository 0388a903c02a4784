using System.Security.Claims;
using HubService.Access;

namespace HubService.Tests.Access;

public class VerifiedTokensTests
{
    private readonly ManualTimeProvider _clock = new();

    [Fact]
    public void A_token_counts_for_twenty_seconds_however_often_it_is_shown()
    {
        var tokens = new VerifiedTokens(_clock);
        TokenResult good = Good(TimeSpan.FromHours(1));
        tokens.Add("a", good);
        for (int i = 0; i < 19; i++)
        {
            _clock.Advance(TimeSpan.FromSeconds(1));
            Assert.Same(good, tokens.Find("a"));
        }

        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Null(tokens.Find("a"));
        Assert.Null(tokens.Find("b"));
    }

    [Fact]
    public void No_token_counts_past_its_end()
    {
        var tokens = new VerifiedTokens(_clock);
        tokens.Add("a", Good(TimeSpan.FromSeconds(5)));
        _clock.Advance(TimeSpan.FromSeconds(4.9));
        Assert.NotNull(tokens.Find("a"));
        _clock.Advance(TimeSpan.FromSeconds(0.1));
        Assert.Null(tokens.Find("a"));
    }

    [Fact]
    public void The_newest_is_kept_however_many_there_are()
    {
        var tokens = new VerifiedTokens(_clock);
        for (int i = 0; i < 5_000; i++)
        {
            tokens.Add($"{i}", Good(TimeSpan.FromHours(1)));
            Assert.NotNull(tokens.Find($"{i}"));
        }

        Assert.Null(tokens.Find("0"));
    }

    private TokenResult Good(TimeSpan lasts) =>
        new(new Principal("t", "ada", Roles.User, [], [], _clock.GetUtcNow() + lasts), new ClaimsPrincipal(), null);
}
