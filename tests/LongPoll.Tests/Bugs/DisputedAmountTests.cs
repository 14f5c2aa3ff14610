using LongPoll.Server.Payments;
using LongPoll.Tests.Support;
using Xunit;

namespace LongPoll.Tests.Bugs;

/// <summary>
/// A callback with the right secret said that 1 shilling of 300 was paid, without a receipt. It was not believed and PayHero
/// was asked, whose answer carries no amount: SUCCESS, and the order was paid in full with one shilling.
/// </summary>
public sealed class DisputedAmountTests
{
    [Fact]
    public void QueryWithoutAmount_AfterAnotherAmountWasClaimed_GoesToAPerson()
    {
        var order = Given.Order();
        var attempt = Given.AttemptOf(order);
        var claim = Settlement.Decide(Given.Money(attempt, amount: 1) with { TransactionId = null }, Given.Facts(order, attempt), Given.Noon);
        Assert.Equal(SettlementResult.Unconfirmed, claim.Result);
        Assert.True(claim.Attempt!.Disputed);

        var answer = Settlement.Decide(
            Given.Money(attempt, amount: null) with { Source = ReportSource.Query }, Given.Facts(claim.After!, claim.Attempt), Given.Noon);

        Assert.Equal(SettlementResult.Review, answer.Result);
        Assert.Null(answer.Payment);
        Assert.Equal("wrong_amount", answer.MoneyInboxEntry!.Problem);
        Assert.Null(answer.MoneyInboxEntry.Amount);
        Assert.Equal(Reasons.UnderReview, answer.After!.Reason);
    }

    [Fact]
    public void RightAmount_AfterAnotherWasClaimed_Pays()
    {
        var order = Given.Order();
        var attempt = Given.AttemptOf(order);
        var claim = Settlement.Decide(Given.Money(attempt, amount: 1) with { TransactionId = null }, Given.Facts(order, attempt), Given.Noon);

        var proof = Settlement.Decide(Given.Money(attempt), Given.Facts(claim.After!, claim.Attempt!), Given.Noon);

        Assert.Equal(PaymentStatus.Completed, proof.After!.PaymentStatus);
    }
}
