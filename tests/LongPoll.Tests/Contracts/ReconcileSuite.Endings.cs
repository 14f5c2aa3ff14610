using LongPoll.Sandbox.PayHero;
using LongPoll.Server.Payments;
using LongPoll.Tests.Http;
using Xunit;

namespace LongPoll.Tests.Contracts;

/// <summary>When a silent attempt is over, and money that comes afterwards.</summary>
public abstract partial class ReconcileSuite
{
    [Fact]
    public async Task End_OrderOfAMinute_IsNotOverBeforeThreeMinutesAndOneQuestion()
    {
        await using var nodes = await TwoPaymentNodes.StartAsync(stores);
        var order = (await PlaceAsync(nodes, 1, lifetime: TimeSpan.FromSeconds(60)))[0];
        nodes.PayHero.Tell(nodes.Push(order), "QUEUED");

        await nodes.PassAsync(TimeSpan.FromSeconds(179));
        Assert.Equal(PaymentStatus.Processing, (await nodes.First.ReadAsync(order)).PaymentStatus);
        await nodes.PassAsync(Second);

        var over = await nodes.First.ReadAsync(order);
        Assert.Equal((PaymentStatus.Expired, Reasons.OrderExpired, false), (over.PaymentStatus, over.Reason, over.SafeToRetry));
        await nodes.PassAsync(TimeSpan.FromSeconds(420));
        Assert.True((await nodes.First.ReadAsync(order)).SafeToRetry);
        Assert.Equal(1, await EventsAsync(order, "expired"));
        Assert.Equal(0, await EventsAsync(order, "expired_unverified"));
    }

    [Fact]
    public async Task End_PushWhoseAnswerWasLost_IsOverAtTheHorizonUnverified()
    {
        await using var nodes = await TwoPaymentNodes.StartAsync(stores);
        var draft = Drafts.Order(at: nodes.Now);
        nodes.PayHero.LoseAnswer(draft.Order.Customer.Phone);
        var order = await nodes.First.PlaceAsync(draft);
        Assert.Equal((PaymentStatus.Pending, Reasons.ProviderDown), (order.PaymentStatus, order.Reason));

        await nodes.PassAsync(TimeSpan.FromSeconds(599));
        Assert.Equal(order, await nodes.First.ReadAsync(order));
        await nodes.PassAsync(Second);

        var over = await nodes.First.ReadAsync(order);
        Assert.Equal((PaymentStatus.Expired, true), (over.PaymentStatus, over.SafeToRetry));
        Assert.Equal(0, nodes.Asked(order));
        Assert.Equal(1, await EventsAsync(order, "expired_unverified"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    [Trait("Acceptance", "77")]
    public async Task End_MoneyAfterTheExpiry_CountsWhoeverTells(bool byCallback)
    {
        await using var nodes = await TwoPaymentNodes.StartAsync(stores);
        var order = (await PlaceAsync(nodes, 1))[0];
        nodes.PayHero.Tell(nodes.Push(order), "QUEUED");
        await nodes.PassAsync(TimeSpan.FromMinutes(10));
        var expired = await nodes.First.ReadAsync(order);
        Assert.Equal(PaymentStatus.Expired, expired.PaymentStatus);

        if (byCallback)
        {
            nodes.Clock.Advance(TimeSpan.FromHours(30));
            Assert.Equal("applied", await nodes.Second.CallbackAsync(nodes.Push(order), PayHeroWire.ShapeA(nodes.Push(order), Shop.Paid())));
        }
        else
        {
            // Ended attempts are asked about every hour for a day.
            nodes.PayHero.Tell(nodes.Push(order), "SUCCESS", Drafts.Receipt());
            await nodes.PassAsync(TimeSpan.FromMinutes(61), step: TimeSpan.FromMinutes(1));
        }

        var paid = await nodes.First.ReadAsync(order);
        Assert.Equal((PaymentStatus.Completed, null, false), (paid.PaymentStatus, paid.Reason, paid.SafeToRetry));
        Assert.True(paid.Version > expired.Version);
        Assert.Equal(1, await stores.CountAsync("select count(*) from bookings where order_id = @OrderId", new { order.OrderId }));
    }

    [Fact]
    public async Task End_UnpaidAttempt_IsAskedAboutEveryHourForADayAndThenNoMore()
    {
        await using var nodes = await TwoPaymentNodes.StartAsync(stores);
        var order = (await PlaceAsync(nodes, 1))[0];
        nodes.PayHero.Tell(nodes.Push(order), "FAILED");
        Assert.Equal("applied", await nodes.First.CallbackAsync(nodes.Push(order), PayHeroWire.ShapeA(nodes.Push(order), Shop.Cancelled())));
        var cancelled = await nodes.First.ReadAsync(order);

        await nodes.PassAsync(TimeSpan.FromHours(30), step: TimeSpan.FromMinutes(10));

        Assert.InRange(nodes.Asked(order), 24, 26);
        Assert.Equal(cancelled, await nodes.First.ReadAsync(order));
    }

    private Task<long> EventsAsync(Order order, string code) =>
        stores.CountAsync("select count(*) from order_events where order_id = @OrderId and code = @Code", new { order.OrderId, Code = code });
}
