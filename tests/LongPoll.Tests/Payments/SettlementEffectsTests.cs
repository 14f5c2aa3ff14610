using LongPoll.Server.Payments;
using LongPoll.Tests.Support;
using Xunit;

namespace LongPoll.Tests.Payments;

/// <summary>What is written besides the states: version, times, rows, audit, outbox, reasons, ids.</summary>
public sealed class SettlementEffectsTests
{
    private readonly Order _order = Given.Order(version: 7);

    [Fact]
    public void Decide_NoAttemptFits_MoneyIsUnmatchedAndKept()
    {
        var report = Given.Report(ReportedOutcome.Paid) with { TransactionId = "UKL1A2B3C4", Amount = 300 };

        var settlement = Settlement.Decide(report, SettlementFacts.Nothing, Given.Noon);

        Assert.Equal(SettlementResult.Unmatched, settlement.Result);
        Assert.Null(settlement.Current);
        Assert.Null(settlement.MoneyInboxEntry);
    }

    [Theory]
    [InlineData(nameof(ReportedOutcome.Pending), nameof(SettlementResult.Ignored))]
    [InlineData(nameof(ReportedOutcome.Accepted), nameof(SettlementResult.Ignored))]
    [InlineData(nameof(ReportedOutcome.Cancelled), nameof(SettlementResult.Unmatched))]
    [InlineData(nameof(ReportedOutcome.Failed), nameof(SettlementResult.Unmatched))]
    public void Decide_NoAttemptFits_OnlyWhatSaysSomethingWaitsForOne(string outcome, string result) =>
        Assert.Equal(
            Enum.Parse<SettlementResult>(result),
            Settlement.Decide(Given.Report(Enum.Parse<ReportedOutcome>(outcome)), SettlementFacts.Nothing, Given.Noon).Result);

    [Fact]
    public void Decide_AChange_IsOneVersionOneEventAndTheTimeOfNow()
    {
        var attempt = Given.AttemptOf(_order);

        var settlement = Decide(Given.Report(ReportedOutcome.Cancelled) with { Reason = Reasons.CancelledByBuyer, Code = "1032" }, attempt);

        Assert.Equal(8, settlement.After!.Version);
        Assert.Equal(Given.Noon, settlement.After.UpdatedAt);
        Assert.Equal(Reasons.CancelledByBuyer, settlement.After.Reason);
        Assert.Equal("1032", settlement.Attempt!.ResultCode);
        var audit = settlement.Event!;
        Assert.Equal(
            (8L, PaymentStatus.Processing, PaymentStatus.Cancelled, AttemptState.Cancelled, ReportSource.Callback, "1032", Given.Noon),
            (audit.Version, audit.From, audit.To, audit.AttemptTo, audit.Source, audit.Code, audit.At));
        Assert.Same(_order, settlement.Before);
    }

    [Fact]
    public void Decide_AClockThatWentBack_NeverTakesUpdatedAtBack()
    {
        var attempt = Given.AttemptOf(_order);

        var settlement = Settlement.Decide(Given.Money(attempt), Given.Facts(_order, attempt), _order.UpdatedAt.AddMinutes(-5));

        Assert.Equal(_order.UpdatedAt, settlement.After!.UpdatedAt);
    }

    [Fact]
    public void Decide_Money_IsOnePaymentAndOneBookingOfTheSameTransaction()
    {
        var attempt = Given.AttemptOf(_order);

        var settlement = Decide(Given.Money(attempt), attempt);

        Assert.Equal((_order.OrderId, attempt.AttemptId, "payhero", "UKL1A2B3C4", _order.Total), (
            settlement.Payment!.OrderId, settlement.Payment.AttemptId, settlement.Payment.Provider, settlement.Payment.TransactionId, settlement.Payment.Amount));
        Assert.Equal((_order.OrderId, "payhero", "UKL1A2B3C4"), (
            settlement.Booking!.OrderId, settlement.Booking.Provider, settlement.Booking.TransactionId));
        Assert.Equal(BookingReference.For("payhero", "UKL1A2B3C4"), settlement.Booking.Reference);
        Assert.Equal(settlement.Booking.Reference, settlement.After!.BookingReference);
    }

    [Fact]
    [Trait("Acceptance", "67")]
    public void BookingReference_SameTransaction_IsTheSameForEver()
    {
        // Printed on tickets that are out: a change of the algorithm is not a change that may happen.
        Assert.Equal(BookingReference.For("payhero", "UKL1A2B3C4"), BookingReference.For("payhero", "UKL1A2B3C4"));
        Assert.Matches("^BK-[0-9A-HJKMNP-TV-Z]{10}$", BookingReference.For("payhero", "UKL1A2B3C4"));
        Assert.NotEqual(BookingReference.For("payhero", "UKL1A2B3C4"), BookingReference.For("payhero", "UKL1A2B3C5"));
        Assert.NotEqual(BookingReference.For("payhero", "UKL1A2B3C4"), BookingReference.For("stripe", "UKL1A2B3C4"));
    }

    [Fact]
    public void Decide_UnprovenMoney_IsAskedAboutNow()
    {
        var attempt = Given.AttemptOf(_order);

        var ask = Assert.Single(Decide(Given.Money(attempt, transactionId: null), attempt).Outbox);

        Assert.Equal(Given.Noon, ask.DueAt);
        Assert.Equal((attempt.AttemptId, _order.OrderId, 0), (ask.SubjectId, ask.OrderId, ask.Tries));
    }

    [Fact]
    public void Decide_ThePushIsAccepted_BackfillsItsIdsAndProcesses()
    {
        var order = Given.Order(PaymentStatus.Pending) with { Reason = Reasons.ProviderDown };
        var attempt = Given.AttemptOf(order, AttemptState.Created) with { ProviderReference = null, CheckoutDigest = null };
        var report = Accepted("PH-77", "digest-77");

        var settlement = Settlement.Decide(report, Given.Facts(order, attempt), Given.Noon);

        Assert.Equal((AttemptState.Prompted, "PH-77", "digest-77"), (settlement.Attempt!.State, settlement.Attempt.ProviderReference, settlement.Attempt.CheckoutDigest));
        Assert.Equal(PaymentStatus.Processing, settlement.After!.PaymentStatus);
        Assert.Null(settlement.After.Reason);
        Assert.Null(settlement.Attempt.EndedAt);
    }

    [Fact]
    public void Decide_TheCallbackOvertookThePushsAnswer_TheAnswerOnlyBringsItsIds()
    {
        var order = Given.Order(PaymentStatus.Completed);
        var attempt = Given.AttemptOf(order, AttemptState.Paid) with { ProviderReference = null, CheckoutDigest = null };

        var settlement = Settlement.Decide(Accepted("PH-77", "digest-77"), Given.Facts(order, attempt), Given.Noon);

        Assert.Equal((AttemptState.Paid, "PH-77"), (settlement.Attempt!.State, settlement.Attempt.ProviderReference));

        // A page that was answered "completed" must not see another version of the same view for it.
        Assert.Null(settlement.After);
        Assert.Null(settlement.Event);
        Assert.Null(settlement.Payment);
    }

    [Fact]
    public void Decide_IdsThatAreKnown_AreNeverReplaced()
    {
        var attempt = Given.AttemptOf(_order, AttemptState.Created);

        var settlement = Decide(Accepted("PH-77", "digest-77"), attempt);

        Assert.Equal(("PH-1", "digest-1"), (settlement.Attempt!.ProviderReference, settlement.Attempt.CheckoutDigest));
    }

    [Fact]
    public void Decide_IdsThatACallbackBrings_AreNotTakenOver()
    {
        // Nobody signed them: only what the provider answered itself may lead later callbacks to an attempt.
        var attempt = Given.AttemptOf(_order) with { ProviderReference = null, CheckoutDigest = null };
        var report = Given.Money(attempt) with { Clues = new AttemptClues { Reference = attempt.Reference, ProviderReference = "PH-9", CheckoutDigest = "digest-9" } };

        var settlement = Decide(report, attempt);

        Assert.Null(settlement.Attempt!.ProviderReference);
        Assert.Null(settlement.Attempt.CheckoutDigest);
    }

    [Theory]
    [InlineData(nameof(ReportedOutcome.Unanswered), nameof(PaymentStatus.Pending), false)]
    [InlineData(nameof(ReportedOutcome.Refused), nameof(PaymentStatus.Failed), true)]
    public void Decide_ThePushWentWrong_OnlyACertainNoMayBeTriedAgain(string outcome, string status, bool safeToRetry)
    {
        var order = Given.Order(PaymentStatus.Pending);
        var attempt = Given.AttemptOf(order, AttemptState.Created);
        var report = Given.Report(Enum.Parse<ReportedOutcome>(outcome), ReportSource.Push) with { Reason = Reasons.ProviderDown };

        var settlement = Settlement.Decide(report, Given.Facts(order, attempt), Given.Noon);

        Assert.Equal(Enum.Parse<PaymentStatus>(status), settlement.After!.PaymentStatus);
        Assert.Equal(Reasons.ProviderDown, settlement.After.Reason);
        Assert.Equal(safeToRetry, settlement.After.SafeToRetry);
    }

    [Fact]
    public void Decide_TheSameSilenceTwice_ChangesNothingTheSecondTime()
    {
        var order = Given.Order(PaymentStatus.Pending) with { Reason = Reasons.ProviderDown };
        var attempt = Given.AttemptOf(order, AttemptState.Created);

        var settlement = Settlement.Decide(
            Given.Report(ReportedOutcome.Unanswered, ReportSource.Push) with { Reason = Reasons.ProviderDown }, Given.Facts(order, attempt), Given.Noon);

        Assert.Null(settlement.After);
        Assert.Null(settlement.Event);
    }

    [Fact]
    public void Decide_PhoneUnreachable_EndsThePageButNoNewPromptUntilTheProviderSaidNo()
    {
        var attempt = Given.AttemptOf(_order);
        var lapsed = Decide(Given.Report(ReportedOutcome.Lapsed) with { Reason = Reasons.Unreachable, Code = "1037" }, attempt);

        Assert.Equal((PaymentStatus.Expired, Reasons.Unreachable, false), (lapsed.After!.PaymentStatus, lapsed.After.Reason, lapsed.After.SafeToRetry));
        Assert.Equal("ask_provider", Assert.Single(lapsed.Outbox).Kind);

        var denied = Settlement.Decide(
            Given.Report(ReportedOutcome.Failed, ReportSource.Query) with { Reason = Reasons.ProviderError }, Given.Facts(lapsed.After, lapsed.Attempt!), Given.Noon);

        Assert.Equal((PaymentStatus.Expired, Reasons.Unreachable, true), (denied.After!.PaymentStatus, denied.After.Reason, denied.After.SafeToRetry));
    }

    [Fact]
    public void Decide_AnotherAttemptCanStillSucceed_IsNotSafeToRetry()
    {
        var attempt = Given.AttemptOf(_order);
        var earlier = Given.AttemptOf(_order, AttemptState.Lapsed, number: 2, current: false);

        var settlement = Settlement.Decide(Given.Report(ReportedOutcome.Cancelled), Given.Facts(_order, attempt, earlier), Given.Noon);

        Assert.Equal(PaymentStatus.Cancelled, settlement.After!.PaymentStatus);
        Assert.False(settlement.After.SafeToRetry);
    }

    private static PaymentReport Accepted(string providerReference, string checkoutDigest) =>
        Given.Report(ReportedOutcome.Accepted, ReportSource.Push) with
        {
            Clues = new AttemptClues { ProviderReference = providerReference, CheckoutDigest = checkoutDigest },
        };

    private Settlement Decide(PaymentReport report, Attempt attempt) => Settlement.Decide(report, Given.Facts(_order, attempt), Given.Noon);
}
