using LongPoll.Server.Payments;
using Xunit;

namespace LongPoll.Tests.Contracts;

public abstract partial class OrderStoreSuite
{
    [Fact]
    public async Task Door_FiftyReportsOfOnePaymentAtOnce_BooksOnce()
    {
        var (draft, receipt, door) = (await OpenAsync(), Drafts.Receipt(), Door());

        var settled = await AtOnceAsync(50, _ => door.HandleAsync(Drafts.Paid(draft.Attempt, receipt), Cancel));

        Assert.Single(settled, s => s.Result == SettlementResult.Applied);
        Assert.Equal(49, settled.Count(s => s.Result == SettlementResult.Duplicate));
        Assert.Single(settled.Select(s => s.Current!.BookingReference).Distinct());
        Assert.Equal(
            "orders=1 payment_attempts=1 payments=1 bookings=1 callbacks=50 order_events=2", await stores.CountAsync(draft.Order.OrderId));
    }

    [Fact]
    public async Task Door_TenReceiptsForOneOrderAtOnce_PaysOnceAndKeepsTheRest()
    {
        // On SQLite the order was read after its attempt, outside a transaction. A report in between saw the paid order
        // with the unpaid attempt, and wrote its own receipt over the attempt's: the order's version was the right one.
        var door = Door();
        for (var round = 0; round < 10; round++)
        {
            var draft = await OpenAsync();

            var settled = await AtOnceAsync(10, _ => door.HandleAsync(Drafts.Paid(draft.Attempt, Drafts.Receipt()), Cancel));

            var applied = Assert.Single(settled, s => s.Result == SettlementResult.Applied);
            Assert.Equal(9, settled.Count(s => s.Result == SettlementResult.Review));
            Assert.Equal(applied.After!.Receipt, (await Store.FindOrderAsync(draft.Order.OrderId, Cancel))!.Receipt);
            Assert.Equal(applied.After.Receipt, Assert.Single(await Store.FindAttemptsAsync(draft.Order.OrderId, Cancel)).TransactionId);
            Assert.Equal(
                "orders=1 payment_attempts=1 payments=1 bookings=1 callbacks=10 order_events=2 money_inbox=9",
                await stores.CountAsync(draft.Order.OrderId));
        }
    }

    [Fact]
    [Trait("Acceptance", "69")]
    [Trait("Acceptance", "70")]
    public async Task Door_OneReceiptForTwoOrdersAtOnce_PaysOneAndReviewsTheOther()
    {
        var door = Door();
        for (var round = 0; round < 10; round++)
        {
            var (drafts, receipt) = (new[] { await OpenAsync(), await OpenAsync() }, Drafts.Receipt());

            var settled = await AtOnceAsync(2, n => door.HandleAsync(Drafts.Paid(drafts[n].Attempt, receipt), Cancel));

            var paid = Assert.Single(settled, s => s.Result == SettlementResult.Applied).After!;
            var reviewed = Assert.Single(settled, s => s.Result == SettlementResult.Review).After!;
            Assert.Equal("orders=1 payment_attempts=1 payments=1 bookings=1 callbacks=1 order_events=2", await stores.CountAsync(paid.OrderId));
            Assert.Equal("orders=1 payment_attempts=1 callbacks=1 order_events=2 money_inbox=1", await stores.CountAsync(reviewed.OrderId));
            Assert.Equal((PaymentStatus.Pending, Reasons.UnderReview), (reviewed.PaymentStatus, reviewed.Reason));
            Assert.Equal(Bytes(reviewed), await ViewAsync(reviewed.OrderId));
        }
    }

    [Fact]
    public async Task Door_SuccessAndFailureAtOnce_EndsPaid()
    {
        var door = Door();
        for (var round = 0; round < 10; round++)
        {
            var draft = await OpenAsync();

            await AtOnceAsync(6, n => door.HandleAsync(n == 3 ? Drafts.Paid(draft.Attempt, Drafts.Receipt()) : Drafts.Cancelled(draft.Attempt), Cancel));

            var order = await Store.FindOrderAsync(draft.Order.OrderId, Cancel);
            Assert.Equal(PaymentStatus.Completed, order!.PaymentStatus);
            Assert.Equal(order.Version, await stores.CountAsync("select count(*) from order_events where order_id = @OrderId", new { order.OrderId }));
        }
    }

    [Fact]
    public async Task Settle_ListsThatCrossEachOther_WriteEachOrderOnce()
    {
        var list = new List<Settlement>();
        for (var n = 0; n < 30; n++)
        {
            list.Add(await DecideAsync(Drafts.Paid((await OpenAsync()).Attempt, Drafts.Receipt())));
        }

        var outcomes = await AtOnceAsync(8, async n =>
        {
            var mine = n % 2 == 0 ? list : [.. Enumerable.Reverse(list)];
            var result = await Store.SettleAsync(mine, Cancel);
            return mine.Zip(result).Where(r => r.Second == CommitOutcome.Committed).Select(r => r.First.Before!.OrderId).ToArray();
        });

        Assert.Equal(list.Select(s => s.Before!.OrderId).Order(), outcomes.SelectMany(o => o).Order());
        foreach (var settlement in list)
        {
            Assert.Equal(
                "orders=1 payment_attempts=1 payments=1 bookings=1 callbacks=1 order_events=2",
                await stores.CountAsync(settlement.Before!.OrderId));
        }
    }
}
