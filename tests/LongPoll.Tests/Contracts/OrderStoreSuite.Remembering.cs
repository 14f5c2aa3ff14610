using System.Reflection;
using LongPoll.Server.Payments;
using Xunit;

namespace LongPoll.Tests.Contracts;

/// <summary>
/// A door that has seen the prompt go out decides about the callback without a look at the store. Whatever happened to the order or
/// to the money elsewhere, the outcome must be that of a door which looks; and then it does look, once.
/// </summary>
public abstract partial class OrderStoreSuite
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Remembered_Success_WritesEverythingTogetherWithoutALook(bool promised)
    {
        var (door, looks) = Remembering(promised);
        var draft = await PromptAsync(door);
        var before = looks.Count;

        var settled = await door.HandleAsync(Told(Drafts.Paid(draft.Attempt, Drafts.Receipt()), draft), Cancel);

        Assert.Equal(before, looks.Count);
        Assert.Equal((SettlementResult.Applied, PaymentStatus.Completed, 3), (settled.Result, settled.After!.PaymentStatus, settled.After.Version));
        var written = await stores.CountAsync(draft.Order.OrderId);
        Assert.Equal("orders=1 payment_attempts=1 payments=1 bookings=1 callbacks=1 order_events=3", written.Replace(" outbox=1", "", StringComparison.Ordinal));
        Assert.Equal(promised ? 1 : 0, await stores.CountAsync("select count(*) from outbox where order_id = @OrderId and kind = 'fulfil'", new { draft.Order.OrderId }));
        Assert.Equal(Bytes(settled.After), await ViewAsync(draft.Order.OrderId));
        Assert.Equal([settled.Attempt! with { AskAt = null }], await Store.FindAttemptsAsync(draft.Order.OrderId, Cancel));
    }

    [Fact]
    public async Task Remembered_ManyAtOnce_AreBookedAndPromisedWithoutALook()
    {
        var (door, looks) = Remembering(promised: true);
        var drafts = await PromptTwentyAsync(door);
        var before = looks.Count;
        var settled = await AtOnceAsync(20, n => door.HandleAsync(Told(Drafts.Paid(drafts[n].Attempt, Drafts.Receipt()), drafts[n]), Cancel));

        Assert.Equal(before, looks.Count);
        Assert.All(settled, s => Assert.Equal(SettlementResult.Applied, s.Result));
        foreach (var draft in drafts)
        {
            Assert.Equal(1, await stores.CountAsync("select count(*) from outbox where order_id = @OrderId and kind = 'fulfil'", new { draft.Order.OrderId }));
        }
    }

    [Fact]
    public async Task Remembered_ReadForAPageThatWaitsHere_IsBookedWithoutALook()
    {
        var underWay = new PaymentsUnderWay();
        var (door, looks) = Remembering(underWay: underWay);
        var draft = await PromptAsync(Door());
        underWay.Read((await Store.FindWithAttemptsAsync(draft.Order.OrderId, Cancel))!, TimeProvider.System.GetUtcTimestamp());

        var settled = await door.HandleAsync(Told(Drafts.Paid(draft.Attempt, Drafts.Receipt()), draft), Cancel);

        Assert.Equal(0, looks.Count);
        Assert.Equal((SettlementResult.Applied, 3), (settled.Result, settled.After!.Version));
        Assert.Equal("orders=1 payment_attempts=1 payments=1 bookings=1 callbacks=1 order_events=3", await stores.CountAsync(draft.Order.OrderId));
    }

    [Fact]
    public async Task Remembered_EndedAndTriedAgainElsewhere_IsDecidedByWhatIsTrue()
    {
        var (door, looks) = Remembering();
        var draft = await PromptAsync(door);
        var ended = (await SettleAsync(Drafts.Cancelled(draft.Attempt))).After!;
        var (after, second, happened) = Retry(ended);
        Assert.Equal(OpenOutcome.Opened, await Store.OpenAttemptAsync(ended, after, second, happened, Drafts.Limit, Cancel));
        var before = looks.Count;

        var late = await door.HandleAsync(Told(Drafts.Cancelled(draft.Attempt), draft), Cancel);

        Assert.Equal(before + 1, looks.Count);
        Assert.Null(late.After);
        Assert.Equal(after.Version, late.Before!.Version);
        var both = Assert.IsType<OrderWithAttempts>(await Store.FindWithAttemptsAsync(after.OrderId, Cancel));
        Assert.Equal([AttemptState.Cancelled, AttemptState.Created], both.Attempts.Select(a => a.State));
        Assert.Equal(await Store.FindAttemptsAsync(after.OrderId, Cancel), both.Attempts);
        Assert.Equal(Bytes(after), Bytes(both.Order));
    }

    [Fact]
    public async Task Remembered_PaidElsewhere_IsADuplicateHere()
    {
        var (door, looks) = Remembering();
        var draft = await PromptAsync(door);
        var paid = Told(Drafts.Paid(draft.Attempt, Drafts.Receipt()), draft);
        await SettleAsync(paid);
        var before = looks.Count;

        var again = await door.HandleAsync(paid with { Raw = Drafts.Raw() }, Cancel);

        Assert.Equal(before + 1, looks.Count);
        Assert.Equal(SettlementResult.Duplicate, again.Result);
        Assert.Equal("orders=1 payment_attempts=1 payments=1 bookings=1 callbacks=2 order_events=3", await stores.CountAsync(draft.Order.OrderId));
    }

    [Fact]
    public async Task Remembered_FiftyReportsOfOnePaymentAtOnce_BooksOnce()
    {
        var door = Door();
        var draft = await PromptAsync(door);
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
        var (door, looks) = Remembering();
        var draft = await PromptAsync(door);
        var before = looks.Count;

        var settled = await door.HandleAsync(Told(Drafts.Paid(draft.Attempt, receipt), draft), Cancel);

        Assert.Equal(before + 1, looks.Count);
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
        var drafts = await PromptTwentyAsync(door);
        var settled = await AtOnceAsync(20, n => door.HandleAsync(Told(Drafts.Paid(drafts[n].Attempt, n == 7 ? spent : Drafts.Receipt()), drafts[n]), Cancel));

        Assert.Equal(19, settled.Count(s => s is { Result: SettlementResult.Applied, Booking: not null }));
        Assert.Equal(SettlementResult.Review, settled[7].Result);
    }

    private (SettlePayment Door, LookCounter Looks) Remembering(bool promised = false, PaymentsUnderWay? underWay = null)
    {
        var store = DispatchProxy.Create<IOrderStore, LookCounter>();
        var looks = (LookCounter)(object)store;
        looks.Store = Store;
        return (Door(store, promised, underWay), looks);
    }

    /// <summary>An order whose prompt the door has seen go out.</summary>
    private async Task<NewOrder> PromptAsync(SettlePayment door)
    {
        // Of now: what was long ago by the door's clock is not remembered.
        var draft = await OpenAsync(Drafts.Order(at: TimeProvider.System.GetUtcTimestamp()));
        Assert.Equal(2, (await door.HandleAsync(Drafts.Accepted(draft.Attempt), Cancel)).After!.Version);
        return draft;
    }

    private async Task<List<NewOrder>> PromptTwentyAsync(SettlePayment door)
    {
        var drafts = new List<NewOrder>();
        while (drafts.Count < 20)
        {
            drafts.Add(await PromptAsync(door));
        }

        return drafts;
    }

    /// <summary>As it comes to the address that names the attempt.</summary>
    private static PaymentReport Told(PaymentReport report, NewOrder draft) =>
        report with { Clues = report.Clues with { AttemptId = draft.Attempt.AttemptId } };
}

/// <summary>A store that counts how often it is asked what bears on reports.</summary>
public class LookCounter : DispatchProxy
{
    private int _count;

    /// <summary>The store behind it.</summary>
    internal IOrderStore Store { get; set; } = null!;

    /// <summary>Look-ups so far.</summary>
    public int Count => _count;

    /// <inheritdoc/>
    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        if (targetMethod!.Name == nameof(IOrderStore.FindFactsAsync))
        {
            Interlocked.Increment(ref _count);
        }

        return targetMethod.Invoke(Store, args);
    }
}
