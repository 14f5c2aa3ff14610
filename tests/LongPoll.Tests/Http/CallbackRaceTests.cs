using LongPoll.Sandbox.PayHero;
using Xunit;

namespace LongPoll.Tests.Http;

/// <summary>Callbacks that come together, and callbacks that come too early.</summary>
public abstract class CallbackRaceTests(ServerWorld world)
{
    [Fact]
    [Trait("Acceptance", "66")]
    [Trait("Acceptance", "73")]
    public async Task Callback_FiftyAtOnce_PayOnce()
    {
        var order = await world.Shop.PlaceAsync();
        var push = world.Shop.Push(order);
        var outcome = Shop.Paid();

        // All shapes of the same money, as a provider that retries over several routes would send them.
        var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(i =>
            world.Shop.CallbackAsync(push, PayHeroWire.Callback((CallbackShape)(i % 3), push, outcome))));

        Assert.Single(answers, a => a.AssertStatus(200).Result == "applied");
        Assert.Equal(49, answers.Count(a => a.Result == "duplicate"));
        Assert.Single(answers.Select(a => a.Json.GetProperty("bookingReference").GetString()).Distinct(StringComparer.Ordinal));
        Assert.Equal((1, 1, 50), (await world.CountAsync("payments", order.Id), await world.CountAsync("bookings", order.Id), await world.CountAsync("callbacks", order.Id)));
        Assert.Equal(0, await world.CountAsync("money_inbox", order.Id));
    }

    [Fact]
    [Trait("Acceptance", "74")]
    [Trait("Acceptance", "78")]
    public async Task Callback_SuccessAndFailureAndVerifyAtOnce_TheMoneyWins()
    {
        for (var round = 0; round < 10; round++)
        {
            var order = await world.Shop.PlaceAsync();
            var push = world.Shop.Push(order);
            var outcome = Shop.Paid();
            world.PayHero.Tell(push, "SUCCESS", outcome.Receipt);

            await Task.WhenAll(
                world.Shop.CallbackAsync(push, PayHeroWire.ShapeA(push, Shop.Cancelled())),
                world.Shop.CallbackAsync(push, PayHeroWire.ShapeA(push, outcome)),
                world.Shop.PostAsync($"/orders/{order.Id}/verify"),
                world.Shop.WaitAsync(order),
                world.Shop.CallbackAsync(push, PayHeroWire.ShapeB(push, outcome)));

            (await world.Shop.ReadAsync(order)).AssertView("completed");
            Assert.Equal((1, 1), (await world.CountAsync("payments", order.Id), await world.CountAsync("bookings", order.Id)));
            Assert.Equal(0, await world.CountAsync("money_inbox", order.Id));
        }
    }

    [Fact]
    [Trait("Acceptance", "73")]
    public async Task Callback_SameReceiptForManyOrdersAtOnce_PaysOne()
    {
        var orders = new List<Placed>();
        for (var i = 0; i < 8; i++)
        {
            orders.Add(await world.Shop.PlaceAsync());
        }

        var outcome = Shop.Paid();

        var answers = await Task.WhenAll(orders.Select(o => world.Shop.TellAsync(o, outcome)));

        Assert.Single(answers, a => a.AssertStatus(200).Result == "applied");
        Assert.Equal(7, answers.Count(a => a.Result == "review"));
        var paid = 0L;
        foreach (var order in orders)
        {
            paid += await world.CountAsync("payments", order.Id);
        }

        Assert.Equal(1, paid);
    }

    [Fact]
    public async Task Callback_TwoAttemptsPaidAtOnce_OneCountsTheOtherIsForReview()
    {
        var order = await world.Shop.PlaceAsync();
        var old = world.Shop.Push(order);
        await world.Shop.TellAsync(order, Shop.Cancelled());
        await world.Shop.PayAsync(order);
        var current = world.Shop.Push(order);

        var answers = await Task.WhenAll(
            world.Shop.CallbackAsync(old, PayHeroWire.ShapeA(old, Shop.Paid())),
            world.Shop.CallbackAsync(current, PayHeroWire.ShapeA(current, Shop.Paid())));

        Assert.Equal(["applied", "review"], answers.Select(a => a.Result).Order(StringComparer.Ordinal));
        Assert.Equal((1, 1), (await world.CountAsync("payments", order.Id), await world.CountAsync("money_inbox", order.Id)));
    }

    [Fact]
    public async Task Callback_DarajaBeforeItsIdsAreKnown_IsSettledWhenTheyArrive()
    {
        var phone = Shop.NewPhone();
        var gate = world.PayHero.HoldAnswer(phone);
        var placing = world.Shop.PlaceAsync(phone);
        var push = await world.PayHero.PushToAsync(phone);
        var outcome = Shop.Paid();

        // Safaricom's own body knows our order by one id alone, and the plain token names no attempt.
        (await world.Shop.PostAsync($"/payhero/callback/{ServerWorld.CallbackToken}", PayHeroWire.Daraja(push, outcome))).AssertResult("unmatched");
        gate.SetResult();
        var order = await placing;

        var view = (await world.Shop.WaitAsync(order)).AssertView("completed").Json;
        Assert.Equal(outcome.Receipt, view.GetProperty("receipt").GetString());
        Assert.Equal((1, 1), (await world.CountAsync("payments", order.Id), await world.CountAsync("callbacks", order.Id)));
    }

    [Fact]
    public async Task Callback_DarajaBeforeItsIdsAreKnownWithTheAttemptsToken_CountsAtOnce()
    {
        var phone = Shop.NewPhone();
        var gate = world.PayHero.HoldAnswer(phone);
        var placing = world.Shop.PlaceAsync(phone);
        var push = await world.PayHero.PushToAsync(phone);

        (await world.Shop.CallbackAsync(push, PayHeroWire.Daraja(push, Shop.Paid()))).AssertResult("applied");
        gate.SetResult();

        Assert.Equal("completed", (await placing).Answer.PaymentStatus);
    }
}
