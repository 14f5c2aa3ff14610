using LongPoll.Server.Hosting;
using LongPoll.Tests.Support;
using Microsoft.Extensions.Configuration;
using Xunit;

namespace LongPoll.Tests.Hosting;

public sealed class RequestCountersTests
{
    private static readonly ClientKey Somebody = new(1, Guid.Empty);

    [Theory]
    [InlineData("300 / 15 min", 300, 900)]
    [InlineData("100/15min", 100, 900)]
    [InlineData("5 / 10 s", 5, 10)]
    [InlineData("1 / 1 h", 1, 3600)]
    [InlineData("16777215 / 1 min", 16_777_215, 60)]
    public void Parse_ANumberAndATime_IsTheLimit(string text, int permits, int seconds)
    {
        var limit = RateLimit.Parse(text);

        Assert.Equal(permits, limit!.Permits);
        Assert.Equal(TimeSpan.FromSeconds(seconds), limit.Window);
    }

    [Theory]
    [Trait("Acceptance", "159")]
    [Trait("Acceptance", "160")]
    [Trait("Acceptance", "161")]
    [Trait("Acceptance", "166")]
    [InlineData(RateLimits.Polling, 300, 15)]
    [InlineData(RateLimits.Api, 100, 15)]
    [InlineData(RateLimits.Public, 30, 1)]
    public void Find_NothingConfigured_IsTheTableOfTheDocuments(string name, int permits, int minutes) =>
        Assert.Equal(new RateLimit(permits, TimeSpan.FromMinutes(minutes)), RateLimits.Find(new ConfigurationBuilder().Build(), name));

    [Theory]
    [InlineData("")]
    [InlineData("300")]
    [InlineData("0 / 1 min")]
    [InlineData("16777216 / 1 min")]
    [InlineData("-1 / 1 min")]
    [InlineData("5 / 0 s")]
    [InlineData("5 / 1 day")]
    [InlineData("5 / min")]
    [InlineData("5 / 1 min / 2")]
    [InlineData("x / 1 min")]
    public void Parse_AnythingElse_IsNone(string text) => Assert.Null(RateLimit.Parse(text));

    [Fact]
    public void TryTake_TheShareIsTaken_RefusesUntilTheWindowIsOver()
    {
        var clock = new TestTimeProvider();
        var counters = new RequestCounters(new RateLimit(2, TimeSpan.FromMinutes(15)), clock);
        Assert.True(counters.TryTake(Somebody, out _));
        clock.Advance(TimeSpan.FromMinutes(5));
        Assert.True(counters.TryTake(Somebody, out _));

        Assert.False(counters.TryTake(Somebody, out var retryAfter));

        Assert.Equal(TimeSpan.FromMinutes(10), retryAfter);
        clock.Advance(retryAfter);
        Assert.True(counters.TryTake(Somebody, out _));
    }

    [Fact]
    public void TryTake_AnotherOrderOrAddress_HasAShareOfItsOwn()
    {
        var counters = new RequestCounters(new RateLimit(1, TimeSpan.FromMinutes(1)), new TestTimeProvider());
        Assert.True(counters.TryTake(Somebody, out _));

        Assert.True(counters.TryTake(Somebody with { Order = Guid.NewGuid() }, out _));
        Assert.True(counters.TryTake(Somebody with { Network = 2 }, out _));
        Assert.False(counters.TryTake(Somebody, out _));
    }

    [Fact]
    public void TryTake_ClientsThatStayAway_AreForgotten()
    {
        var clock = new TestTimeProvider();
        var counters = new RequestCounters(new RateLimit(1, TimeSpan.FromMinutes(1)), clock);
        for (var i = 0; i < 100; i++)
        {
            counters.TryTake(Somebody with { Network = (UInt128)(uint)(i + 10) }, out _);
        }

        clock.Advance(TimeSpan.FromMinutes(2));
        counters.TryTake(Somebody, out _);

        Assert.Equal(1, counters.Count);
    }
}
