using LongPoll.Server.Payments;
using Xunit;

namespace LongPoll.Tests.Contracts;

public abstract partial class OrderStoreSuite
{
    [Fact]
    [Trait("Acceptance", "66")]
    [Trait("Acceptance", "68")]
    public async Task Settle_Success_WritesEverythingTogether()
    {
        var draft = await OpenAsync();
        var report = Drafts.Paid(draft.Attempt, Drafts.Receipt());

        var settlement = await SettleAsync(report);

        Assert.Equal(
            "orders=1 payment_attempts=1 payments=1 bookings=1 callbacks=1 order_events=2", await stores.CountAsync(draft.Order.OrderId));
        Assert.Equal(Bytes(settlement.After!), await ViewAsync(draft.Order.OrderId));
        Assert.Equal([settlement.Attempt!], await Store.FindAttemptsAsync(draft.Order.OrderId, Cancel));
        Assert.Equal(1, await stores.CountAsync(
            """
            select count(*) from payments p join bookings b using (order_id) join callbacks c using (order_id) join order_events e using (order_id)
            where p.transaction_id = @Receipt and b.transaction_id = @Receipt and p.amount_minor = 30000 and p.currency = 'KES'
              and b.booking_reference = @Reference and c.body = @Body and c.result = 'applied'
              and e.version = 2 and e.from_status = 'pending' and e.to_status = 'completed' and e.source = 'callback' and e.code = '0'
            """,
            new { Receipt = report.TransactionId, Reference = settlement.After!.BookingReference, Body = report.Raw!.Body.ToArray() }));
    }

    [Fact]
    public async Task Settle_Failure_EndsAttemptAndOrder()
    {
        var draft = await OpenAsync();

        var settlement = await SettleAsync(Drafts.Cancelled(draft.Attempt));

        Assert.Equal("orders=1 payment_attempts=1 callbacks=1 order_events=2", await stores.CountAsync(draft.Order.OrderId));
        Assert.Equal(PaymentStatus.Cancelled, settlement.After!.PaymentStatus);
        Assert.Equal(Bytes(settlement.After), await ViewAsync(draft.Order.OrderId));
    }

    [Fact]
    public async Task Settle_VersionMovedOn_WritesNothingAtAll()
    {
        var draft = await OpenAsync();
        var late = await DecideAsync(Drafts.Paid(draft.Attempt, Drafts.Receipt()));
        await SettleAsync(Drafts.Accepted(draft.Attempt));
        var before = await stores.DumpAsync();

        Assert.Equal([CommitOutcome.Stale], await Store.SettleAsync([late], Cancel));

        Assert.Equal(before, await stores.DumpAsync());
    }

    [Fact]
    public async Task Settle_CallbackOvertookThePushsAnswer_IdsAreKeptAndTheVersionStays()
    {
        var draft = await OpenAsync();
        var paid = await SettleAsync(Drafts.Paid(draft.Attempt, Drafts.Receipt()));

        var answer = await SettleAsync(Drafts.Accepted(draft.Attempt, "PH-1", "digest-1"));

        Assert.Equal(Bytes(paid.After!), Bytes(answer.Current!));
        Assert.Equal(Bytes(paid.After!), await ViewAsync(draft.Order.OrderId));
        var stored = Assert.Single(await Store.FindAttemptsAsync(draft.Order.OrderId, Cancel));
        Assert.Equal(paid.Attempt! with { ProviderReference = "PH-1", CheckoutDigest = "digest-1" }, stored);
    }

    [Fact]
    public async Task Settle_IdsLearntBetweenReadAndWriteOfAnother_AreNotLost()
    {
        var draft = await OpenAsync();
        await SettleAsync(Drafts.Cancelled(draft.Attempt));
        var paid = await DecideAsync(Drafts.Paid(draft.Attempt, Drafts.Receipt()));
        await SettleAsync(Drafts.Accepted(draft.Attempt, "PH-1", "digest-1"));

        Assert.Equal([CommitOutcome.Committed], await Store.SettleAsync([paid], Cancel));

        var stored = Assert.Single(await Store.FindAttemptsAsync(draft.Order.OrderId, Cancel));
        Assert.Equal((AttemptState.Paid, "PH-1", "digest-1"), (stored.State, stored.ProviderReference, stored.CheckoutDigest));
    }

    [Fact]
    public async Task Settle_SameSettlementTwice_WritesOnce()
    {
        var draft = await OpenAsync();
        var settlement = await SettleAsync(Drafts.Paid(draft.Attempt, Drafts.Receipt()));
        var before = await stores.DumpAsync();

        Assert.Equal([CommitOutcome.Stale], await Store.SettleAsync([settlement], Cancel));

        Assert.Equal(before, await stores.DumpAsync());
    }

    [Fact]
    public async Task Settle_TransactionOfAnotherOrder_WritesNothingAtAll()
    {
        var (first, second, receipt) = (await OpenAsync(), await OpenAsync(), Drafts.Receipt());
        var late = await DecideAsync(Drafts.Paid(second.Attempt, receipt));
        await SettleAsync(Drafts.Paid(first.Attempt, receipt));
        var before = await stores.DumpAsync();

        Assert.Equal([CommitOutcome.Stale], await Store.SettleAsync([late], Cancel));

        Assert.Equal(before, await stores.DumpAsync());
    }

    [Fact]
    public async Task Settle_ListWithOneThatClashes_WritesTheOthers()
    {
        var (paid, receipt) = (await OpenAsync(), Drafts.Receipt());
        var drafts = new[] { await OpenAsync(), await OpenAsync(), await OpenAsync(), await OpenAsync() };
        var list = new[]
        {
            await DecideAsync(Drafts.Paid(drafts[0].Attempt, Drafts.Receipt())),
            await DecideAsync(Drafts.Paid(drafts[1].Attempt, receipt)),
            await DecideAsync(Drafts.Cancelled(drafts[2].Attempt)),
            await DecideAsync(Drafts.Paid(drafts[3].Attempt, Drafts.Receipt())),
        };
        await SettleAsync(Drafts.Accepted(drafts[3].Attempt));
        await SettleAsync(Drafts.Paid(paid.Attempt, receipt));

        Assert.Equal(
            [CommitOutcome.Committed, CommitOutcome.Stale, CommitOutcome.Committed, CommitOutcome.Stale], await Store.SettleAsync(list, Cancel));

        Assert.Equal("orders=1 payment_attempts=1 payments=1 bookings=1 callbacks=1 order_events=2", await stores.CountAsync(drafts[0].Order.OrderId));
        Assert.Equal("orders=1 payment_attempts=1 order_events=1", await stores.CountAsync(drafts[1].Order.OrderId));
        Assert.Equal("orders=1 payment_attempts=1 callbacks=1 order_events=2", await stores.CountAsync(drafts[2].Order.OrderId));
        Assert.Equal("orders=1 payment_attempts=1 order_events=2", await stores.CountAsync(drafts[3].Order.OrderId));
    }

    [Fact]
    public async Task Settle_ManyInOneList_AnswersEachInItsPlace()
    {
        var stale = await OpenAsync();
        var list = new List<Settlement>();
        for (var n = 0; n < 20; n++)
        {
            list.Add(await DecideAsync(Drafts.Paid((await OpenAsync()).Attempt, Drafts.Receipt())));
        }

        list.Insert(7, await DecideAsync(Drafts.Cancelled(stale.Attempt)));
        await SettleAsync(Drafts.Accepted(stale.Attempt));

        var outcomes = await Store.SettleAsync(list, Cancel);

        Assert.Equal(Enumerable.Range(0, 21).Select(n => n == 7 ? CommitOutcome.Stale : CommitOutcome.Committed), outcomes);
        Assert.Empty(await Store.SettleAsync([], Cancel));
    }

    [Fact]
    public async Task Settle_DuplicateAfterwards_KeepsTheCallbackAndNothingElse()
    {
        var (draft, receipt) = (await OpenAsync(), Drafts.Receipt());
        var paid = await SettleAsync(Drafts.Paid(draft.Attempt, receipt));

        var again = await SettleAsync(Drafts.Paid(draft.Attempt, receipt));

        Assert.Equal((SettlementResult.Duplicate, null), (again.Result, again.After));
        Assert.Equal(
            "orders=1 payment_attempts=1 payments=1 bookings=1 callbacks=2 order_events=2", await stores.CountAsync(draft.Order.OrderId));
        Assert.Equal(Bytes(paid.After!), await ViewAsync(draft.Order.OrderId));
    }

    [Fact]
    public async Task Settle_WrongAmount_GoesToTheMoneyInboxWithTheOrderUnderReview()
    {
        var (draft, receipt) = (await OpenAsync(), Drafts.Receipt());

        var settlement = await SettleAsync(Drafts.Paid(draft.Attempt, receipt, amount: 299));

        Assert.Equal(SettlementResult.Review, settlement.Result);
        Assert.Equal(Bytes(settlement.After!), await ViewAsync(draft.Order.OrderId));
        Assert.Equal("orders=1 payment_attempts=1 callbacks=1 order_events=2 money_inbox=1", await stores.CountAsync(draft.Order.OrderId));
        Assert.Equal(1, await stores.CountAsync(
            "select count(*) from money_inbox where transaction_id = @Receipt and amount_minor = 29900 and currency = 'KES' and problem = 'wrong_amount'",
            new { Receipt = receipt }));
    }

    [Fact]
    public async Task Settle_SuccessWithoutAReceipt_KeepsTheCallbackAndAsksOnce()
    {
        var draft = await OpenAsync();

        for (var n = 0; n < 3; n++)
        {
            Assert.Equal(SettlementResult.Unconfirmed, (await SettleAsync(Drafts.Paid(draft.Attempt, "") with { TransactionId = null })).Result);
        }

        Assert.Equal("orders=1 payment_attempts=1 callbacks=3 outbox=1 order_events=1", await stores.CountAsync(draft.Order.OrderId));
    }
}
