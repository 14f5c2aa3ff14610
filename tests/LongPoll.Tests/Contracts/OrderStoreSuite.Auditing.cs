using Dapper;
using LongPoll.Server.Payments;
using Xunit;

namespace LongPoll.Tests.Contracts;

public abstract partial class OrderStoreSuite
{
    [Fact]
    [Trait("Acceptance", "168")]
    public async Task Audit_WholeLifeOfAnOrder_HasALineForEachChangeThatSaysWhoBroughtIt()
    {
        var draft = await OpenAsync();
        await SettleAsync(Drafts.Accepted(draft.Attempt, "PH-" + draft.Order.OrderNumber));
        var cancelled = (await SettleAsync(Drafts.Cancelled(draft.Attempt))).After!;
        var (tried, second, happened) = Retry(cancelled);
        await Store.OpenAttemptAsync(cancelled, tried, second, happened, Drafts.Limit, Cancel);
        await SettleAsync(Drafts.Accepted(second, "PH2-" + draft.Order.OrderNumber));
        await SettleAsync(Ran(second, ReportedOutcome.Lapsed, "order_expired"));
        await SettleAsync(Ran(second, ReportedOutcome.Expired, "expired_unverified"));
        await SettleAsync(Drafts.Paid(second, Drafts.Receipt()) with { Source = ReportSource.Verification });

        // Nothing changes, so there is nothing to say.
        await SettleAsync(Drafts.Cancelled(draft.Attempt));

        await using var connection = await stores.OpenAsync();
        var lines = await connection.QueryAsync<string>(
            """
            select version || ' ' || coalesce(from_status, '-') || ' > ' || to_status || ', ' || attempt_state || ', ' || source || ' ' || coalesce(code, '-')
            from order_events where order_id = @OrderId order by version
            """,
            new { draft.Order.OrderId });
        Assert.Equal(
            [
                "1 - > pending, created, buyer -",
                "2 pending > processing, prompted, push -",
                "3 processing > cancelled, cancelled, callback 1032",
                "4 cancelled > processing, created, buyer -",
                "5 processing > processing, prompted, push -",
                "6 processing > expired, lapsed, expiry order_expired",
                "7 expired > expired, expired, expiry expired_unverified",
                "8 expired > completed, paid, verification 0",
            ],
            lines);
    }

    private static PaymentReport Ran(Attempt attempt, ReportedOutcome outcome, string code) => new()
    {
        Provider = attempt.Provider,
        Source = ReportSource.Expiry,
        Outcome = outcome,
        Clues = new AttemptClues { AttemptId = attempt.AttemptId },
        Reason = Reasons.OrderExpired,
        Code = code,
    };
}
