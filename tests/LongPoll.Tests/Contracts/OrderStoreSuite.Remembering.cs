using LongPoll.Server.Payments;
using Xunit;

namespace LongPoll.Tests.Contracts;

/// <summary>
/// A door that has seen the prompt go out decides about the callback without a look at the store. Whatever happened to the order or
/// to the money elsewhere, the outcome must be that of a door which looks.
/// </summary>
public abstract partial class OrderStoreSuite
{
    [Fact]
    public async Task Remembered_Success_WritesEverythingTogether()
    {
        var (door, draft) = await PromptAsync();

        var settled = await door.HandleAsync(Told(Drafts.Paid(draft.Attempt, Drafts.Receipt()), draft), Cancel);

        Assert.Equal((SettlementResult.Applied, PaymentStatus.Completed, 3), (settled.Result, settled.After!.PaymentStatus, settled.After.Version));
        Assert.Equal("orders=1 payment_attempts=1 payments=1 bookings=1 callbacks=1 order_events=3", await stores.CountAsync(draft.Order.OrderId));
        Assert.Equal(Bytes(settled.After), await ViewAsync(draft.Order.OrderId));
        Assert.Equal([settled.Attempt! with { AskAt = null }], await Store.FindAttemptsAsync(draft.Order.OrderId, Cancel));
    }

    [Fact]
    public async Task Remembered_EndedAndTriedAgainElsewhere_IsDecidedByWhatIsTrue()
    {
        var (door, draft) = await PromptAsync();
        var (after, second, happened) = Retry((await SettleAsync(Drafts.Cancelled(draft.Attempt))).After!);
        Assert.Equal(OpenOutcome.Opened, await Store.OpenAttemptAsync((await Store.FindOrderAsync(after.OrderId, Cancel))!, after, second, happened, Drafts.Limit, Cancel));

        var late = await door.HandleAsync(Told(Drafts.Cancelled(draft.Attempt), draft), Cancel);
        var paid = await door.HandleAsync(Drafts.Paid(second, Drafts.Receipt()), Cancel);

        Assert.Null(late.After);
        Assert.Equal((SettlementResult.Applied, after.Version + 1), (paid.Result, paid.After!.Version));
        Assert.Equal([AttemptState.Cancelled, AttemptState.Paid], (await Store.FindAttemptsAsync(after.OrderId, Cancel)).Select(a => a.State));
    }

    [Fact]
    public async Task Remembered_PaidElsewhere_IsADuplicateHere()
    {
        var (door, draft) = await PromptAsync();
        var paid = Told(Drafts.Paid(draft.Attempt, Drafts.Receipt()), draft);
        await SettleAsync(paid);

        var again = await door.HandleAsync(paid with { Raw = Drafts.Raw() }, Cancel);

        Assert.Equal(SettlementResult.Duplicate, again.Result);
        Assert.Equal("orders=1 payment_attempts=1 payments=1 bookings=1 callbacks=2 order_events=3", await stores.CountAsync(draft.Order.OrderId));
    }

    [Fact]
    public async Task Remembered_FiftyReportsOfOnePaymentAtOnce_BooksOnce()
    {
        var (door, draft) = await PromptAsync();
        var receipt = Drafts.Receipt();

        var settled = await AtOnceAsync(50, _ => door.HandleAsync(Told(Drafts.Paid(draft.Attempt, receipt), draft), Cancel));

        Assert.Single(settled, s => s.Result == SettlementResult.Applied);
        Assert.Equal(49, settled.Count(s => s.Result == SettlementResult.Duplicate));
        Assert.Equal("orders=1 payment_attempts=1 payments=1 bookings=1 callbacks=50 order_events=3", await stores.CountAsync(draft.Order.OrderId));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    [Trait("Acceptance", "69")]
    public async Task Remembered_MoneyStandsElsewhereAlready_IsReviewedAndNotBooked(bool inTheMoneyInbox)
    {
        var (other, receipt) = (await OpenAsync(), Drafts.Receipt());
        await SettleAsync(Drafts.Paid(other.Attempt, receipt, inTheMoneyInbox ? 1 : null));
        var (door, draft) = await PromptAsync();

        var settled = await door.HandleAsync(Told(Drafts.Paid(draft.Attempt, receipt), draft), Cancel);

        Assert.Equal((SettlementResult.Review, Reasons.UnderReview), (settled.Result, settled.After!.Reason));
        Assert.Equal(0, await stores.CountAsync("select count(*) from payments where order_id = @OrderId", new { draft.Order.OrderId }));
        Assert.Equal(0, await stores.CountAsync("select count(*) from bookings where order_id = @OrderId", new { draft.Order.OrderId }));
        Assert.Equal(1, await stores.CountAsync("select count(*) from money_inbox where transaction_id = @Receipt", new { Receipt = receipt }));
    }

    [Fact]
    public async Task Remembered_OneOfManyHasSpentMoney_TheOthersAreBooked()
    {
        var (other, spent) = (await OpenAsync(), Drafts.Receipt());
        await SettleAsync(Drafts.Paid(other.Attempt, spent));
        var door = Door();
        var drafts = new List<NewOrder>();
        for (var n = 0; n < 20; n++)
        {
            drafts.Add((await PromptAsync(door)).Draft);
        }

        var settled = await AtOnceAsync(20, n => door.HandleAsync(Told(Drafts.Paid(drafts[n].Attempt, n == 7 ? spent : Drafts.Receipt()), drafts[n]), Cancel));

        Assert.Equal(19, settled.Count(s => s is { Result: SettlementResult.Applied, Booking: not null }));
        Assert.Equal(SettlementResult.Review, settled[7].Result);
    }

    /// <summary>An order whose prompt is out, and the door that knows it.</summary>
    private async Task<(SettlePayment Door, NewOrder Draft)> PromptAsync(SettlePayment? door = null)
    {
        door ??= Door();

        // Of now: what is over by the door's clock is not remembered.
        var draft = await OpenAsync(Drafts.Order(at: TimeProvider.System.GetUtcTimestamp()));
        Assert.Equal(2, (await door.HandleAsync(Drafts.Accepted(draft.Attempt), Cancel)).After!.Version);
        return (door, draft);
    }

    /// <summary>As it comes to the address that names the attempt.</summary>
    private static PaymentReport Told(PaymentReport report, NewOrder draft) =>
        report with { Clues = report.Clues with { AttemptId = draft.Attempt.AttemptId } };
}
