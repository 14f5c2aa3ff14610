using Xunit;

namespace LongPoll.Tests.Http;

/// <summary>Who asks too often is told so, and nobody else is.</summary>
public abstract class RateLimitTests(ServerWorld world)
{
    private const string ApiKey = "shop-key-0123456789-0123456789-0123";

    [Fact]
    [Trait("Acceptance", "159")]
    [Trait("Acceptance", "162")]
    public async Task Polling_OfOneOrder_HasALimitPerOrder()
    {
        await using var shop = await world.StartAsync(("RateLimits:Polling", "3 / 1 min"));
        var order = await shop.PlaceAsync();
        var other = await shop.PlaceAsync();
        for (var i = 0; i < 3; i++)
        {
            Assert.Equal(200, (await shop.ReadAsync(order)).Status);
        }

        (await shop.ReadAsync(order)).AssertProblem(429).AssertRetryAfter();
        (await shop.WaitAsync(order, "timeout=1")).AssertProblem(429).AssertRetryAfter();
        Assert.Equal(429, (await shop.GetAsync($"/orders/{order.Id.ToUpperInvariant()}")).Status);
        Assert.Equal(200, (await shop.ReadAsync(other)).Status);
    }

    [Fact]
    [Trait("Acceptance", "160")]
    public async Task Writing_HasALimit_FromWhichTheApiKeyIsExempt()
    {
        await using var shop = await world.StartAsync(("RateLimits:Api", "2 / 1 min"), ("Orders:ApiKey", ApiKey), ("Orders:TrustBrowserPrices", "true"));
        Assert.Equal(201, (await shop.CreateAsync(Shop.Body())).Status);
        Assert.Equal(201, (await shop.CreateAsync(Shop.Body())).Status);

        (await shop.CreateAsync(Shop.Body())).AssertProblem(429).AssertRetryAfter();
        Assert.Equal(201, (await shop.CreateAsync(Shop.Body(), ("X-Api-Key", ApiKey))).Status);
    }

    [Fact]
    [Trait("Acceptance", "161")]
    public async Task Pages_HaveALimit()
    {
        await using var shop = await world.StartAsync(("RateLimits:Public", "1 / 1 min"));
        Assert.Equal(200, (await shop.GetAsync("/")).Status);

        (await shop.GetAsync("/")).AssertProblem(429).AssertRetryAfter();
    }

    [Fact]
    public async Task CallbacksAndHealth_AreNotCounted()
    {
        await using var shop = await world.StartAsync(("RateLimits:Polling", "1 / 1 min"), ("RateLimits:Public", "1 / 1 min"), ("RateLimits:Api", "1 / 1 min"));
        var order = await shop.PlaceAsync();
        for (var i = 0; i < 5; i++)
        {
            Assert.Equal(200, (await shop.TellAsync(order, Shop.Paid())).Status);
            Assert.Equal(200, (await shop.GetAsync("/health/ready")).Status);
        }
    }
}
