using LongPoll.Server.Payments;
using LongPoll.Tests.Support;
using Xunit;

namespace LongPoll.Tests.Bugs;

/// <summary>
/// A buyer paid 299 instead of 300. The money went to the money inbox and the order said that a person is looking at it.
/// Then the prompt of a second attempt was cancelled, and the order took that reason: the page said "You cancelled the
/// payment" and offered Try again, while the buyer's money lay in the inbox. The answer to a push that the callback had
/// overtaken wiped the reason in the same way.
/// </summary>
public sealed class UnderReviewIsForgottenTests
{
    [Fact]
    public void Failure_AfterMoneyWentToReview_LeavesTheOrderUnderReview()
    {
        var order = Given.Order();
        var attempt = Given.AttemptOf(order);
        var review = Settlement.Decide(Given.Money(attempt, amount: 299), Given.Facts(order, attempt), Given.Noon);

        var settlement = Settlement.Decide(
            Given.Report(ReportedOutcome.Cancelled) with { Reason = Reasons.CancelledByBuyer }, Given.Facts(review.After!, review.Attempt!), Given.Noon);

        Assert.Equal(PaymentStatus.Cancelled, settlement.After!.PaymentStatus);
        Assert.Equal(Reasons.UnderReview, settlement.After.Reason);
        Assert.False(settlement.After.SafeToRetry);
    }

    [Fact]
    public void AcceptedPush_AfterMoneyWentToReview_LeavesTheOrderUnderReview()
    {
        var order = Given.Order(PaymentStatus.Pending);
        var attempt = Given.AttemptOf(order, AttemptState.Created);
        var review = Settlement.Decide(Given.Money(attempt, amount: 299), Given.Facts(order, attempt), Given.Noon);

        var settlement = Settlement.Decide(
            Given.Report(ReportedOutcome.Accepted, ReportSource.Push), Given.Facts(review.After!, review.Attempt!), Given.Noon);

        Assert.Equal(PaymentStatus.Processing, settlement.After!.PaymentStatus);
        Assert.Equal(Reasons.UnderReview, settlement.After.Reason);
    }

    [Fact]
    public void RightMoney_AfterMoneyWentToReview_CompletesTheOrder()
    {
        var order = Given.Order() with { Reason = Reasons.UnderReview };
        var attempt = Given.AttemptOf(order);

        var settlement = Settlement.Decide(Given.Money(attempt), Given.Facts(order, attempt), Given.Noon);

        Assert.Equal(PaymentStatus.Completed, settlement.After!.PaymentStatus);
        Assert.Null(settlement.After.Reason);
    }
}
