using System.Text;
using Xunit;

namespace LongPoll.Tests.Http;

/// <summary>Idempotency keys, and how many prompts one phone gets.</summary>
public abstract class OrderReplayTests(ServerWorld world)
{
    [Fact]
    public async Task CreateOrder_SameKeyAndBody_GivesTheSameOrderAndToken()
    {
        var phone = Shop.NewPhone();
        var body = Shop.Body(phone);
        var key = ("Idempotency-Key", Guid.NewGuid().ToString());

        var first = await world.Shop.CreateAsync(body, key);
        var second = await world.Shop.CreateAsync(body, key);

        Assert.Equal((201, 201), (first.Status, second.Status));
        Assert.Equal(first.Text, second.Text);
        Assert.Single(world.PayHero.PushesTo(phone));
    }

    [Fact]
    public async Task CreateOrder_ReplayAfterPayment_TellsTheOrderAsItStands()
    {
        var phone = Shop.NewPhone();
        var body = Shop.Body(phone);
        var key = ("Idempotency-Key", Guid.NewGuid().ToString());
        var first = await world.Shop.CreateAsync(body, key);
        var push = world.PayHero.PushesTo(phone)[0];
        await world.Shop.CallbackAsync(push, LongPoll.Sandbox.PayHero.PayHeroWire.ShapeA(push, Shop.Paid()));

        var second = await world.Shop.CreateAsync(body, key);

        Assert.Equal("completed", second.PaymentStatus);
        Assert.Equal(first.Json.GetProperty("accessToken").GetString(), second.Json.GetProperty("accessToken").GetString());
        Assert.Single(world.PayHero.PushesTo(phone));
    }

    [Fact]
    public async Task CreateOrder_SameKeyOtherBody_Is422()
    {
        var key = ("Idempotency-Key", Guid.NewGuid().ToString());
        await world.Shop.CreateAsync(Shop.Body(), key);
        var phone = Shop.NewPhone();

        (await world.Shop.CreateAsync(Shop.Body(phone), key)).AssertProblem(422);

        Assert.Empty(world.PayHero.PushesTo(phone));
    }

    [Fact]
    [Trait("Acceptance", "73")]
    public async Task CreateOrder_SameKeyInParallel_MakesOneOrder()
    {
        var phone = Shop.NewPhone();
        var body = Encoding.UTF8.GetBytes(Shop.Body(phone).ToJsonString());
        var key = ("Idempotency-Key", Guid.NewGuid().ToString());

        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => world.Shop.PostAsync("/orders", body, key)));

        Assert.All(answers, a => Assert.Equal(201, a.Status));
        Assert.Single(answers.Select(a => a.Json.GetProperty("orderId").GetString()).Distinct(StringComparer.Ordinal));
        Assert.Single(world.PayHero.PushesTo(phone));
    }

    [Fact]
    public async Task CreateOrder_WithoutKey_MakesAnOrderEachTime()
    {
        var body = Shop.Body();

        var first = await world.Shop.CreateAsync(body);
        var second = await world.Shop.CreateAsync(body);

        Assert.NotEqual(first.Json.GetProperty("orderId").GetString(), second.Json.GetProperty("orderId").GetString());
        Assert.NotEqual(first.Json.GetProperty("orderNumber").GetString(), second.Json.GetProperty("orderNumber").GetString());
        Assert.NotEqual(first.Json.GetProperty("accessToken").GetString(), second.Json.GetProperty("accessToken").GetString());
    }

    [Fact]
    public async Task CreateOrder_SixthPromptToAPhone_Is429()
    {
        var phone = Shop.NewPhone();
        for (var i = 0; i < 5; i++)
        {
            // However it is written, it is the same phone.
            Assert.Equal(201, (await world.Shop.CreateAsync(Shop.Body(i % 2 == 0 ? phone : "0" + phone[3..]))).Status);
        }

        (await world.Shop.CreateAsync(Shop.Body("+" + phone))).AssertProblem(429).AssertRetryAfter();

        Assert.Equal(5, world.PayHero.PushesTo(phone).Count);
        Assert.Equal(201, (await world.Shop.CreateAsync(Shop.Body())).Status);
    }

    [Fact]
    public async Task CreateOrder_ManyPromptsToAPhoneInParallel_AtMostFiveGoOut()
    {
        var phone = Shop.NewPhone();

        var answers = await Task.WhenAll(Enumerable.Range(0, 12).Select(_ => world.Shop.CreateAsync(Shop.Body(phone))));

        Assert.Equal(5, answers.Count(a => a.Status == 201));
        Assert.All(answers.Where(a => a.Status != 201), a => a.AssertProblem(429).AssertRetryAfter());
        Assert.Equal(5, world.PayHero.PushesTo(phone).Count);
    }

    [Fact]
    public async Task Pay_SixthPromptToAPhone_Is429()
    {
        var order = await world.Shop.PlaceAsync();
        for (var i = 0; i < 4; i++)
        {
            (await world.Shop.TellAsync(order, Shop.Cancelled())).AssertResult("applied");
            (await world.Shop.PayAsync(order)).AssertView("processing");
        }

        (await world.Shop.TellAsync(order, Shop.Cancelled())).AssertResult("applied");

        (await world.Shop.PayAsync(order)).AssertProblem(429).AssertRetryAfter();
        (await world.Shop.ReadAsync(order)).AssertView("cancelled");
    }
}
