using LongPoll.Sandbox.PayHero;
using LongPoll.Server.Payments;
using LongPoll.Tests.Http;
using Microsoft.Extensions.Logging;
using Xunit;

namespace LongPoll.Tests.Contracts;

/// <summary>
/// Callbacks that fit no attempt, with two nodes: matched as soon as an attempt fits, for a day; after it their money goes
/// to the money inbox, once, and a person is called.
/// </summary>
public abstract class MatchCallbacksSuite(StoreFixture stores)
{
    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(1);

    [Theory]
    [InlineData(CallbackShape.A, null)]
    [InlineData(CallbackShape.B, "KES")]
    [InlineData(CallbackShape.Daraja, null)]
    public async Task GiveUp_MoneyForNobody_GoesToTheMoneyInboxOnceAfterADay(CallbackShape shape, string? currency)
    {
        await using var nodes = await TwoPaymentNodes.StartAsync(stores);
        var outcome = Shop.Paid();
        Assert.Equal("unmatched", await nodes.First.CallbackAsync(PaymentNode.PlainToken, PayHeroWire.Callback(shape, await StrangerAsync(nodes), outcome)));

        nodes.Clock.Advance(TimeSpan.FromHours(24) - Moment);
        await nodes.MatchAsync();
        Assert.Equal(0, await InboxAsync(outcome.Receipt!));
        Assert.Equal(1, await ResultsAsync("unmatched"));

        nodes.Clock.Advance(Moment);
        await nodes.MatchAsync();
        await nodes.MatchAsync();

        Assert.Equal(1, await stores.CountAsync(
            "select count(*) from money_inbox where transaction_id = @Receipt and problem = 'unknown_attempt' and state = 'open' and order_id is null and coalesce(currency, '') = @Currency",
            new { outcome.Receipt, Currency = currency ?? "" }));
        Assert.Equal(0, await ResultsAsync("unmatched"));
        var alarm = Assert.Single(nodes.AlarmLines);
        Assert.Equal((LogLevel.Error, 412), (alarm.Level, alarm.EventId));
        Assert.Contains(outcome.Receipt!, alarm.Text, StringComparison.Ordinal);
        Assert.Equal(["unknown_attempt"], nodes.AlarmsCounted);
    }

    [Fact]
    public async Task GiveUp_MoneyWithoutAReceipt_IsKeptUnderTheNameOfItsCallback()
    {
        await using var nodes = await TwoPaymentNodes.StartAsync(stores);
        var body = PayHeroWire.ShapeA(await StrangerAsync(nodes), Shop.Paid() with { Receipt = null });
        await nodes.First.CallbackAsync(PaymentNode.PlainToken, body);

        nodes.Clock.Advance(TimeSpan.FromHours(24));
        await nodes.MatchAsync();

        Assert.Equal(1, await stores.CountAsync(
            "select count(*) from money_inbox i join callbacks c on i.transaction_id = 'callback:' || c.callback_id where c.body = @body", new { body }));
        Assert.Equal(["unknown_attempt"], nodes.AlarmsCounted);
    }

    [Fact]
    public async Task GiveUp_FailureForNobody_IsIgnored()
    {
        await using var nodes = await TwoPaymentNodes.StartAsync(stores);
        var inbox = await stores.CountAsync("select count(*) from money_inbox", new { });
        Assert.Equal("unmatched", await nodes.First.CallbackAsync(PaymentNode.PlainToken, PayHeroWire.ShapeA(await StrangerAsync(nodes), Shop.Cancelled())));

        nodes.Clock.Advance(TimeSpan.FromHours(24));
        await nodes.MatchAsync();

        Assert.Equal(0, await ResultsAsync("unmatched"));
        Assert.Equal(inbox, await stores.CountAsync("select count(*) from money_inbox", new { }));
        Assert.Empty(nodes.AlarmLines);
    }

    // The same money was told twice: once so that nobody knew whose it was, once so that it paid its order. A day later it
    // went to the money inbox all the same, and stood in the books twice.
    [Fact]
    public async Task GiveUp_MoneyThatIsInTheBooksByNow_IsADuplicate()
    {
        await using var nodes = await TwoPaymentNodes.StartAsync(stores);
        var outcome = Shop.Paid();
        var body = PayHeroWire.Daraja(await StrangerAsync(nodes), outcome);
        Assert.Equal("unmatched", await nodes.First.CallbackAsync(PaymentNode.PlainToken, body));
        var order = await nodes.First.PlaceAsync(Drafts.Order(at: nodes.Now));
        Assert.Equal("applied", await nodes.First.CallbackAsync(nodes.Push(order), PayHeroWire.ShapeA(nodes.Push(order), outcome)));

        nodes.Clock.Advance(TimeSpan.FromHours(24));
        await nodes.MatchAsync();

        Assert.Equal(0, await InboxAsync(outcome.Receipt!));
        Assert.Equal(1, await stores.CountAsync("select count(*) from callbacks where body = @body and result = 'duplicate'", new { body }));
        Assert.Empty(nodes.AlarmLines);
    }

    // The give-up of one node came in between the reading and the matching of the other.
    [Theory]
    [InlineData("applied")]
    [InlineData("review")]
    public async Task Close_SomebodyWasQuicker_TouchesNothing(string result)
    {
        var raw = Drafts.Raw();
        await stores.Orders.KeepCallbackAsync(raw, result, TestContext.Current.CancellationToken);
        var dump = await stores.DumpAsync();
        var entry = new MoneyInboxEntry(Guid.CreateVersion7(), null, null, "payhero", Drafts.Receipt(), null, "unknown_attempt", Drafts.Noon);

        Assert.False(await stores.Orders.CloseCallbackAsync(raw.CallbackId, "review", entry, TestContext.Current.CancellationToken));

        Assert.Equal(dump, await stores.DumpAsync());
    }

    [Fact]
    public async Task Match_CallbackBeforeItsIds_IsSettledByTheNextSweepOfEitherNode()
    {
        await using var nodes = await TwoPaymentNodes.StartAsync(stores);
        var draft = Drafts.Order(at: nodes.Now);
        var answer = nodes.PayHero.HoldAnswer(draft.Order.Customer.Phone);
        var placing = nodes.First.PlaceAsync(draft);
        var push = await nodes.PayHero.PushToAsync(draft.Order.Customer.Phone);

        // Safaricom's own form names nothing but the id that the push's answer brings.
        Assert.Equal("unmatched", await nodes.Second.CallbackAsync(PaymentNode.PlainToken, PayHeroWire.Daraja(push, Shop.Paid())));
        await nodes.MatchAsync();
        Assert.Equal(1, await ResultsAsync("unmatched"));

        answer.SetResult();
        var order = await placing;
        await nodes.MatchAsync();

        Assert.Equal(PaymentStatus.Completed, (await nodes.Second.ReadAsync(order)).PaymentStatus);
        Assert.Equal(0, await ResultsAsync("unmatched"));
        Assert.Equal("orders=1 payment_attempts=1 payments=1 bookings=1 callbacks=1 order_events=3", await stores.CountAsync(order.OrderId));
    }

    /// <summary>A push that no attempt of ours knows anything of.</summary>
    private static async Task<PayHeroPush> StrangerAsync(TwoPaymentNodes nodes)
    {
        var known = nodes.Push(await nodes.First.PlaceAsync(Drafts.Order(at: nodes.Now)));
        return known with { ExternalReference = "NOBODY-" + known.Reference, CheckoutRequestId = "ws_CO_nobody" + known.Reference, Reference = "NO" + known.Reference };
    }

    private Task<long> InboxAsync(string receipt) => stores.CountAsync("select count(*) from money_inbox where transaction_id = @receipt", new { receipt });

    private Task<long> ResultsAsync(string result) => stores.CountAsync("select count(*) from callbacks where result = @result", new { result });
}
