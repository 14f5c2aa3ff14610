using LongPoll.Sandbox.PayHero;
using LongPoll.Server.Payments;
using LongPoll.Tests.Http;
using Microsoft.Extensions.Logging;
using Xunit;

namespace LongPoll.Tests.Contracts;

/// <summary>What PayHero's answers, and its silence, may change.</summary>
public abstract partial class ReconcileSuite
{
    [Fact]
    public async Task Answer_SuccessWithoutAReceipt_NeverLetsTheAttemptExpireAndCallsAPerson()
    {
        await using var nodes = await TwoPaymentNodes.StartAsync(stores);
        var order = (await PlaceAsync(nodes, 1))[0];
        nodes.PayHero.Tell(nodes.Push(order), "SUCCESS");

        await nodes.PassAsync(TimeSpan.FromHours(26), step: TimeSpan.FromMinutes(10));

        Assert.Equal(order with { UpdatedAt = default }, await nodes.First.ReadAsync(order) with { UpdatedAt = default });
        Assert.Equal(AttemptState.Prompted, (await nodes.First.AttemptAsync(order)).State);
        Assert.NotEmpty(nodes.AlarmLines);
        Assert.All(nodes.AlarmLines, line => Assert.Equal((LogLevel.Error, 1002), (line.Level, line.EventId)));
        Assert.Equal(nodes.AlarmLines.Count, nodes.AlarmsCounted.Count(kind => kind == "provider_claims_unproven_payment"));

        nodes.PayHero.Tell(nodes.Push(order), "SUCCESS", Drafts.Receipt());
        await nodes.PassAsync(TimeSpan.FromMinutes(10), step: TimeSpan.FromMinutes(10));
        Assert.Equal(PaymentStatus.Completed, (await nodes.First.ReadAsync(order)).PaymentStatus);
    }

    [Fact]
    public async Task Answer_FailedAfterABelievedSuccess_UndoesNothingAndCallsAPerson()
    {
        await using var nodes = await TwoPaymentNodes.StartAsync(stores);
        var order = (await PlaceAsync(nodes, 1))[0];
        Assert.Equal("applied", await nodes.First.CallbackAsync(nodes.Push(order), PayHeroWire.ShapeA(nodes.Push(order), Shop.Paid())));
        var paid = await nodes.First.ReadAsync(order);
        nodes.PayHero.Tell(nodes.Push(order), "FAILED");

        // Believed at once, and asked about half a minute later, by whichever node.
        nodes.Clock.Advance(TimeSpan.FromSeconds(29));
        Assert.Equal(0, await nodes.Second.ReconcileAsync());
        nodes.Clock.Advance(Second);
        Assert.Equal(1, await nodes.Second.ReconcileAsync());
        await nodes.PassAsync(TimeSpan.FromHours(2), step: TimeSpan.FromMinutes(10));

        Assert.Equal(paid, await nodes.First.ReadAsync(order));
        Assert.Equal(1, nodes.Asked(order));
        var alarm = Assert.Single(nodes.AlarmLines);
        Assert.Equal((LogLevel.Error, 310), (alarm.Level, alarm.EventId));
        Assert.Equal(["provider_denies_payment"], nodes.AlarmsCounted);
    }

    // The question that was due thirty seconds after the push moves to thirty seconds after the money: asked at once, the
    // provider may not know of its own callback yet.
    [Fact]
    public async Task Confirmation_CallbackTwentySecondsAfterThePush_IsAskedForThirtySecondsAfterTheCallback()
    {
        await using var nodes = await TwoPaymentNodes.StartAsync(stores);
        var order = (await PlaceAsync(nodes, 1))[0];
        nodes.Clock.Advance(TimeSpan.FromSeconds(20));
        Assert.Equal("applied", await nodes.First.CallbackAsync(nodes.Push(order), PayHeroWire.ShapeA(nodes.Push(order), Shop.Paid())));

        foreach (var wait in (int[])[10, 10, 9])
        {
            nodes.Clock.Advance(TimeSpan.FromSeconds(wait));
            Assert.Equal(0, await nodes.ReconcileAsync());
        }

        nodes.Clock.Advance(Second);
        Assert.Equal(1, await nodes.ReconcileAsync());
        Assert.Equal(1, nodes.Asked(order));
    }

    [Fact]
    public async Task Confirmation_DueBeforeASilentAttempt_IsPutOffAndTakesNobodysPlace()
    {
        await using var nodes = await TwoPaymentNodes.StartAsync(stores);
        var paid = (await PlaceAsync(nodes, 1))[0];
        nodes.Clock.Advance(Second);
        var silent = (await PlaceAsync(nodes, 1))[0];
        nodes.Clock.Advance(20 * Second);
        Assert.Equal("applied", await nodes.First.CallbackAsync(nodes.Push(paid), PayHeroWire.ShapeA(nodes.Push(paid), Shop.Paid())));

        nodes.Clock.Advance(20 * Second);
        var claimed = Assert.Single(await nodes.First.ClaimSilentAsync(nodes.Clock.GetUtcTimestamp(), limit: 1));
        Assert.Equal(silent.OrderId, claimed.Attempt.OrderId);

        nodes.Clock.Advance(9 * Second);
        Assert.Equal(0, await nodes.ReconcileAsync());
        nodes.Clock.Advance(Second);
        Assert.Equal(1, await nodes.ReconcileAsync());
        Assert.Equal((1, 0), (nodes.Asked(paid), nodes.Asked(silent)));
    }

    [Fact]
    public async Task Answer_AnotherReceiptThanWasBelieved_IsASecondPaymentForAPerson()
    {
        await using var nodes = await TwoPaymentNodes.StartAsync(stores);
        var order = (await PlaceAsync(nodes, 1))[0];
        await nodes.First.CallbackAsync(nodes.Push(order), PayHeroWire.ShapeA(nodes.Push(order), Shop.Paid()));
        nodes.PayHero.Tell(nodes.Push(order), "SUCCESS", Drafts.Receipt());

        nodes.Clock.Advance(TimeSpan.FromSeconds(30));
        Assert.Equal(1, await nodes.First.ReconcileAsync());

        Assert.Equal(["second_payment"], nodes.AlarmsCounted);
        Assert.Equal("orders=1 payment_attempts=1 payments=1 bookings=1 callbacks=1 order_events=3 money_inbox=1", await stores.CountAsync(order.OrderId));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("REVERSED")]
    [InlineData("NOT_FOUND")]
    [InlineData("QUEUED")]
    public async Task Answer_Unknown_ChangesNothing(string? word)
    {
        await using var nodes = await TwoPaymentNodes.StartAsync(stores);
        var order = (await PlaceAsync(nodes, 1))[0];
        var attempt = await nodes.First.AttemptAsync(order);
        if (word is not null)
        {
            nodes.PayHero.Tell(nodes.Push(order), word);
        }

        await nodes.PassAsync(TimeSpan.FromMinutes(9));

        Assert.Equal(5, nodes.Asked(order));
        Assert.Equal(order, await nodes.Second.ReadAsync(order));
        Assert.Equal(attempt, await nodes.Second.AttemptAsync(order));
        Assert.Empty(nodes.AlarmLines);
    }

    [Fact]
    [Trait("Acceptance", "77")]
    public async Task Answer_None_IsNotTakenForAnEndForADay()
    {
        await using var nodes = await TwoPaymentNodes.StartAsync(stores);
        var order = (await PlaceAsync(nodes, 1))[0];

        await nodes.PassAsync(TimeSpan.FromHours(24) - TimeSpan.FromMinutes(1), step: TimeSpan.FromMinutes(10) - Second);
        Assert.Equal(PaymentStatus.Processing, (await nodes.First.ReadAsync(order)).PaymentStatus);

        nodes.PayHero.Tell(nodes.Push(order), "SUCCESS", Drafts.Receipt());
        await nodes.PassAsync(TimeSpan.FromMinutes(20), step: TimeSpan.FromMinutes(10));
        Assert.Equal(PaymentStatus.Completed, (await nodes.First.ReadAsync(order)).PaymentStatus);
    }

    [Fact]
    [Trait("Acceptance", "77")]
    public async Task Answer_FailedAloneBeforeTheHorizon_EndsTheWaitAndInvitesNobodyUntilTheHorizon()
    {
        await using var nodes = await TwoPaymentNodes.StartAsync(stores);
        var order = (await PlaceAsync(nodes, 1))[0];
        nodes.PayHero.Tell(nodes.Push(order), "FAILED");

        nodes.Clock.Advance(TimeSpan.FromSeconds(30));
        await nodes.ReconcileAsync();
        var failed = await nodes.First.ReadAsync(order);
        Assert.Equal((PaymentStatus.Failed, false), (failed.PaymentStatus, failed.SafeToRetry));

        await nodes.PassAsync(TimeSpan.FromSeconds(569));
        Assert.Equal(failed, await nodes.First.ReadAsync(order));
        nodes.Clock.Advance(Second);
        await nodes.ReconcileAsync();

        Assert.True((await nodes.First.ReadAsync(order)).SafeToRetry);
        Assert.Equal("expired", (await nodes.First.AttemptAsync(order)).ResultCode);
    }
}
