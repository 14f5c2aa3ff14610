using LongPoll.Server.Orders;
using LongPoll.Server.Payments;
using Xunit;

namespace LongPoll.Tests.Contracts;

public abstract partial class OrderStoreSuite
{
    [Fact]
    public async Task OpenAttempt_EndedOrder_WritesEverythingTogether()
    {
        var draft = await OpenAsync();
        var before = (await SettleAsync(Drafts.Cancelled(draft.Attempt))).After!;
        var (after, attempt, happened) = Retry(before);

        Assert.Equal(OpenOutcome.Opened, await Store.OpenAttemptAsync(before, after, attempt, happened, Drafts.Limit, Cancel));

        Assert.Equal(Bytes(after), await ViewAsync(after.OrderId));
        Assert.Equal(attempt with { AskAt = null }, (await Store.FindAttemptsAsync(after.OrderId, Cancel))[1]);
        Assert.Equal("orders=1 payment_attempts=2 callbacks=1 order_events=3", await stores.CountAsync(after.OrderId));
    }

    [Fact]
    public async Task OpenAttempt_OrderMovedMeanwhile_ClashesAndWritesNothing()
    {
        var draft = await OpenAsync();
        var before = (await SettleAsync(Drafts.Cancelled(draft.Attempt))).After!;
        await SettleAsync(Drafts.Paid(draft.Attempt, Drafts.Receipt()));
        var dump = await stores.DumpAsync();
        var (after, attempt, happened) = Retry(before);

        Assert.Equal(OpenOutcome.Clash, await Store.OpenAttemptAsync(before, after, attempt, happened, Drafts.Limit, Cancel));

        Assert.Equal(dump, await stores.DumpAsync());
    }

    [Fact]
    public async Task OpenAttempt_ReferenceTaken_ClashesAndWritesNothing()
    {
        // SQLite let the unique violation through as an exception, where PostgreSQL answers that it clashes.
        var other = await OpenAsync();
        var draft = await OpenAsync();
        var before = (await SettleAsync(Drafts.Cancelled(draft.Attempt))).After!;
        var dump = await stores.DumpAsync();
        var (after, attempt, happened) = Retry(before);

        var outcome = await Store.OpenAttemptAsync(before, after, attempt with { Reference = other.Attempt.Reference }, happened, Drafts.Limit, Cancel);

        Assert.Equal(OpenOutcome.Clash, outcome);
        Assert.Equal(dump, await stores.DumpAsync());
    }

    [Fact]
    public async Task OpenAttempt_SixthPromptOfThePhone_IsRefused()
    {
        var draft = await OpenAsync();
        var before = (await SettleAsync(Drafts.Cancelled(draft.Attempt))).After!;
        for (var n = 0; n < 4; n++)
        {
            await OpenAsync(Drafts.Order(before.Customer.Phone));
        }

        var dump = await stores.DumpAsync();
        var (after, attempt, happened) = Retry(before);

        Assert.Equal(OpenOutcome.TooManyPrompts, await Store.OpenAttemptAsync(before, after, attempt, happened, Drafts.Limit, Cancel));
        Assert.Equal(dump, await stores.DumpAsync());
    }

    [Fact]
    public async Task OpenAttempt_TenAtOnce_OpensOne()
    {
        var draft = await OpenAsync();
        var before = (await SettleAsync(Drafts.Cancelled(draft.Attempt))).After!;

        var outcomes = await AtOnceAsync(10, _ =>
        {
            var (after, attempt, happened) = Retry(before);
            return Store.OpenAttemptAsync(before, after, attempt, happened, Drafts.Limit, Cancel);
        });

        Assert.Single(outcomes, OpenOutcome.Opened);
        Assert.Equal(9, outcomes.Count(o => o == OpenOutcome.Clash));
        Assert.Equal("orders=1 payment_attempts=2 callbacks=1 order_events=3", await stores.CountAsync(before.OrderId));
    }

    private static (Order After, Attempt Attempt, OrderEvent Event) Retry(Order before)
    {
        var now = Drafts.Noon.AddMinutes(2);
        var attempt = Attempts.Draw(before, Guid.CreateVersion7(), attemptNumber: 2, Drafts.Asking, now);
        var after = before with
        {
            PaymentStatus = PaymentStatus.Processing,
            Reason = null,
            SafeToRetry = false,
            CurrentAttemptId = attempt.AttemptId,
            Version = before.Version + 1,
            UpdatedAt = now,
            ExpiresAt = now.AddMinutes(15),
        };
        return (after, attempt, new OrderEvent(
            Guid.CreateVersion7(), before.OrderId, attempt.AttemptId, after.Version, before.PaymentStatus, after.PaymentStatus,
            attempt.State, ReportSource.Buyer, Code: null, now));
    }
}
