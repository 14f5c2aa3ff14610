using LongPoll.Server.Payments;
using LongPoll.Tests.Support;
using Xunit;

namespace LongPoll.Tests.Payments;

/// <summary>The ladder: what a claim of money must have before it is believed, and what becomes of it otherwise.</summary>
public sealed class SettlementLadderTests
{
    private readonly Order _order = Given.Order();

    [Fact]
    public void Decide_EveryRung_IsBelieved()
    {
        var attempt = Given.AttemptOf(_order);

        var settlement = Decide(Given.Money(attempt), attempt);

        Assert.Equal(SettlementResult.Applied, settlement.Result);
        Assert.Equal(PaymentStatus.Completed, settlement.After!.PaymentStatus);
        Assert.Equal("UKL1A2B3C4", settlement.After.Receipt);
        Assert.Null(settlement.After.Reason);
        Assert.False(settlement.After.SafeToRetry);
        Assert.Equal(AttemptState.Paid, settlement.Attempt!.State);
        Assert.Equal("UKL1A2B3C4", settlement.Attempt.TransactionId);
        Assert.Equal(Given.Noon, settlement.Attempt.EndedAt);
    }

    [Theory]
    [InlineData(null, 300.0, "no receipt")]
    [InlineData("UKL1A2B3C4", null, "no amount")]
    [InlineData(null, null, "neither")]
    public void Decide_ARungIsMissing_AsksTheProviderAndChangesNothing(string? receipt, double? amount, string _)
    {
        var attempt = Given.AttemptOf(_order);

        AssertAsked(Decide(Given.Money(attempt, receipt, (decimal?)amount), attempt));
    }

    [Theory]
    [InlineData("reference")]
    [InlineData("checkout")]
    [InlineData("provider reference")]
    [InlineData("two attempts")]
    [InlineData("doubtful")]
    public void Decide_TheClaimContradictsItselfOrTheAttempt_AsksTheProviderAndChangesNothing(string which)
    {
        var attempt = Given.AttemptOf(_order);
        var report = Given.Money(attempt);
        var facts = Given.Facts(_order, attempt);
        switch (which)
        {
            case "reference":
                report = report with { Clues = report.Clues with { Reference = "ANOTHER-P1" } };
                break;
            case "checkout":
                report = report with { Clues = report.Clues with { CheckoutDigest = "another" } };
                break;
            case "provider reference":
                report = report with { Clues = report.Clues with { ProviderReference = "PH-9" } };
                break;
            case "two attempts":
                facts = facts with { CluesDisagree = true };
                break;
            default:
                report = report with { Doubtful = true };
                break;
        }

        AssertAsked(Settlement.Decide(report, facts, Given.Noon));
    }

    [Theory]
    [InlineData(nameof(ReportedOutcome.Cancelled))]
    [InlineData(nameof(ReportedOutcome.Failed))]
    [InlineData(nameof(ReportedOutcome.Expired))]
    [InlineData(nameof(ReportedOutcome.Lapsed))]
    public void Decide_AFailureWhoseIdsDisagree_IsIgnored(string outcome)
    {
        var attempt = Given.AttemptOf(_order);
        var report = Given.Report(Enum.Parse<ReportedOutcome>(outcome)) with { Clues = new AttemptClues { Reference = "ANOTHER-P1" }, Reason = Reasons.ProviderError };

        var settlement = Decide(report, attempt);

        Assert.Equal(SettlementResult.Ignored, settlement.Result);
        Assert.Null(settlement.After);
    }

    [Theory]
    [InlineData(299.0, "KES", 29_900L)]
    [InlineData(301.0, "KES", 30_100L)]
    [InlineData(299.99, "KES", 29_999L)]
    [InlineData(300.01, "KES", 30_001L)]
    [InlineData(0.0, "KES", 0L)]
    [InlineData(-300.0, "KES", -30_000L)]
    [InlineData(300.0, "USD", 30_000L)]
    [InlineData(300.0, "UGX", 300L)]
    public void Decide_WrongAmountOrCurrency_GoesToTheMoneyInboxAndToReview(double amount, string currency, long minor)
    {
        var attempt = Given.AttemptOf(_order);

        var settlement = Decide(Given.Money(attempt, amount: (decimal)amount) with { Currency = currency }, attempt);

        Assert.Equal(SettlementResult.Review, settlement.Result);
        Assert.Equal("wrong_amount", settlement.MoneyInboxEntry!.Problem);
        Assert.Equal(new Money(minor, currency), settlement.MoneyInboxEntry.Amount);
        Assert.Equal("UKL1A2B3C4", settlement.MoneyInboxEntry.TransactionId);
        Assert.Equal(_order.OrderId, settlement.MoneyInboxEntry.OrderId);
        Assert.Equal(PaymentStatus.Processing, settlement.After!.PaymentStatus);
        Assert.Equal(Reasons.UnderReview, settlement.After.Reason);
        Assert.Null(settlement.Payment);
        Assert.Null(settlement.Booking);
    }

    [Theory]
    [InlineData(300.001)]
    [InlineData(79228162514264337593543950335.0)]
    public void Decide_AnAmountThatIsNoMoney_GoesToTheMoneyInboxWithoutOne(double amount)
    {
        var attempt = Given.AttemptOf(_order);
        var told = amount > 1e28 ? decimal.MaxValue : (decimal)amount;

        var settlement = Decide(Given.Money(attempt, amount: told), attempt);

        Assert.Equal("wrong_amount", settlement.MoneyInboxEntry!.Problem);
        Assert.Null(settlement.MoneyInboxEntry.Amount);
    }

    [Fact]
    public void Decide_CurrencyInLowerCase_IsTheSameCurrency()
    {
        var attempt = Given.AttemptOf(_order);

        Assert.Equal(SettlementResult.Applied, Decide(Given.Money(attempt) with { Currency = "kes" }, attempt).Result);
    }

    [Theory]
    [InlineData("Query")]
    [InlineData("Verification")]
    public void Decide_TheProviderWasAsked_NeedsNoAmountButAReceipt(string source)
    {
        var attempt = Given.AttemptOf(_order);
        var report = Given.Money(attempt, amount: null) with { Source = Enum.Parse<ReportSource>(source) };

        Assert.Equal(SettlementResult.Applied, Decide(report, attempt).Result);
        AssertAsked(Decide(report with { TransactionId = null }, attempt));
    }

    [Fact]
    public void Decide_TransactionPaidAnotherOrder_GoesToReview()
    {
        var attempt = Given.AttemptOf(_order);
        var facts = Given.Facts(_order, attempt) with { TransactionTakenBy = new TakenTransaction(Guid.NewGuid(), InMoneyInbox: false) };

        var settlement = Settlement.Decide(Given.Money(attempt), facts, Given.Noon);

        Assert.Equal(SettlementResult.Review, settlement.Result);
        Assert.Equal("transaction_used", settlement.MoneyInboxEntry!.Problem);
        Assert.NotEqual(PaymentStatus.Completed, settlement.After!.PaymentStatus);
    }

    [Fact]
    public void Decide_TransactionStandsInTheMoneyInbox_IsNotWrittenTwiceAndPaysNothing()
    {
        var attempt = Given.AttemptOf(_order);
        var facts = Given.Facts(_order, attempt) with { TransactionTakenBy = new TakenTransaction(_order.OrderId, InMoneyInbox: true) };

        var settlement = Settlement.Decide(Given.Money(attempt), facts, Given.Noon);

        Assert.Equal(SettlementResult.Review, settlement.Result);
        Assert.Null(settlement.MoneyInboxEntry);
        Assert.Null(settlement.Payment);
    }

    [Theory]
    [InlineData("UKL1A2B3C4")]
    [InlineData(null)]
    public void Decide_PaidAttemptWithTheSameOrNoTransaction_IsADuplicate(string? receipt)
    {
        var order = Given.Order(PaymentStatus.Completed) with { BookingReference = "BK-1" };
        var attempt = Given.AttemptOf(order, AttemptState.Paid) with { TransactionId = "UKL1A2B3C4" };

        var settlement = Settlement.Decide(Given.Money(attempt, receipt), Given.Facts(order, attempt), Given.Noon);

        Assert.Equal(SettlementResult.Duplicate, settlement.Result);
        Assert.Equal("BK-1", settlement.Current!.BookingReference);
        AssertUnchanged(settlement);
        Assert.Empty(settlement.Outbox);
    }

    [Fact]
    public void Decide_TheOrdersTransactionToldForAnotherAttempt_IsADuplicate()
    {
        var order = Given.Order(PaymentStatus.Completed);
        var paid = Given.AttemptOf(order, AttemptState.Paid) with { TransactionId = "UKL1A2B3C4" };
        var other = Given.AttemptOf(order, AttemptState.Cancelled, number: 2, current: false);
        var facts = Given.Facts(order, other, paid) with { TransactionTakenBy = new TakenTransaction(order.OrderId, InMoneyInbox: false) };

        var settlement = Settlement.Decide(Given.Money(other), facts, Given.Noon);

        Assert.Equal(SettlementResult.Duplicate, settlement.Result);
        AssertUnchanged(settlement);
    }

    [Fact]
    public void Decide_PaidAttemptWithAnotherTransaction_IsASecondPayment()
    {
        var order = Given.Order(PaymentStatus.Completed);
        var attempt = Given.AttemptOf(order, AttemptState.Paid) with { TransactionId = "UKL1A2B3C4" };

        var settlement = Settlement.Decide(Given.Money(attempt, "UKL9Z9Z9Z9"), Given.Facts(order, attempt), Given.Noon);

        Assert.Equal(SettlementResult.Review, settlement.Result);
        Assert.Equal("second_payment", settlement.MoneyInboxEntry!.Problem);
        Assert.Equal("UKL9Z9Z9Z9", settlement.MoneyInboxEntry.TransactionId);
        Assert.Null(settlement.Payment);
        Assert.Null(settlement.After);
    }

    [Fact]
    public void Decide_MoneyFromAnEarlierAttemptOfAPaidOrder_IsASecondPaymentAndThatAttemptIsPaid()
    {
        var order = Given.Order(PaymentStatus.Completed);
        var paid = Given.AttemptOf(order, AttemptState.Paid);
        var earlier = Given.AttemptOf(order, AttemptState.Lapsed, number: 1, current: false);

        var settlement = Settlement.Decide(Given.Money(earlier), Given.Facts(order, earlier, paid), Given.Noon);

        Assert.Equal("second_payment", settlement.MoneyInboxEntry!.Problem);
        Assert.Equal(AttemptState.Paid, settlement.Attempt!.State);
        Assert.Equal("UKL1A2B3C4", settlement.Attempt.TransactionId);
        Assert.Equal(PaymentStatus.Completed, settlement.After!.PaymentStatus);
        Assert.Equal(order.Receipt, settlement.After.Receipt);
    }

    private Settlement Decide(PaymentReport report, Attempt attempt) => Settlement.Decide(report, Given.Facts(_order, attempt), Given.Noon);

    private static void AssertAsked(Settlement settlement)
    {
        Assert.Equal(SettlementResult.Unconfirmed, settlement.Result);
        AssertUnchanged(settlement);
        Assert.Equal("ask_provider", Assert.Single(settlement.Outbox).Kind);
    }

    private static void AssertUnchanged(Settlement settlement)
    {
        Assert.Null(settlement.After);
        Assert.Null(settlement.Attempt);
        Assert.Null(settlement.Event);
        Assert.Null(settlement.Payment);
        Assert.Null(settlement.Booking);
        Assert.Null(settlement.MoneyInboxEntry);
    }
}
