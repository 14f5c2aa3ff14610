using LongPoll.Server.Payments;
using Xunit;

namespace LongPoll.Tests.Payments;

/// <summary>The table of what a payment may become, over all of its 1260 lines, whether they can be reached or not.</summary>
public sealed class TransitionsTests
{
    private static readonly Reported[] Failures = [Reported.Refused, Reported.Unanswered, Reported.Cancelled, Reported.Failed, Reported.FailedUnproven, Reported.Expired, Reported.Lapsed];

    [Fact]
    public void Completed_WhateverIsReported_StaysCompleted() =>
        Each(line => line.Order != PaymentStatus.Completed || line.Next.Order == PaymentStatus.Completed);

    [Fact]
    public void Money_FromAnyAttemptHoweverLate_CompletesAnUnpaidOrder() =>
        Each(line => line is not { Reported: Reported.Paid, Order: not PaymentStatus.Completed, Attempt: not AttemptState.Paid }
            || line.Next is { Order: PaymentStatus.Completed, Attempt: AttemptState.Paid, Result: SettlementResult.Applied });

    [Fact]
    public void Money_ThatNoOrderCanTake_GoesToTheMoneyInbox() =>
        Each(line => line.Has(Effects.RecordInMoneyInbox)
            == (line.Reported == Reported.PaidWrong
                || (line.Reported == Reported.Paid && (line.Order == PaymentStatus.Completed || line.Attempt == AttemptState.Paid))));

    [Fact]
    public void RecordPayment_ExactlyWhenTheOrderBecomesCompleted() =>
        Each(line => line.Has(Effects.RecordPayment) == (line.Order != PaymentStatus.Completed && line.Next.Order == PaymentStatus.Completed));

    [Fact]
    public void Failure_OfAnAttemptThatIsNotCurrent_NeverMovesTheOrder() =>
        Each(line => line.IsCurrent || !Failures.Contains(line.Reported) || (line.Next.Order == line.Order && !line.Has(Effects.TakeReason)));

    [Fact]
    public void Failure_OfAPaidAttempt_ChangesNothing() =>
        Each(line => line.Attempt != AttemptState.Paid || !Failures.Contains(line.Reported)
            || line.Next == new Transition(line.Order, AttemptState.Paid, Effects.None, SettlementResult.Ignored));

    [Fact]
    public void PaidAttempt_WhateverIsReported_StaysPaid() =>
        Each(line => line.Attempt != AttemptState.Paid || line.Next.Attempt == AttemptState.Paid);

    [Fact]
    public void EndedAttempt_WithoutMoney_StaysAsItEnded() =>
        Each(line => line.Attempt is not (AttemptState.Cancelled or AttemptState.Failed or AttemptState.Expired)
            || line.Next.Attempt == line.Attempt || line.Next.Attempt == AttemptState.Paid);

    [Fact]
    public void LapsedAttempt_GetsTheProvidersLastWord() =>
        Each(line => line.Attempt != AttemptState.Lapsed
            || line.Next.Attempt == (line.Reported switch
            {
                Reported.Cancelled => AttemptState.Cancelled,
                Reported.Failed => AttemptState.Failed,
                Reported.Expired => AttemptState.Expired,
                Reported.Paid => AttemptState.Paid,
                _ => AttemptState.Lapsed,
            }));

    [Fact]
    public void Attempt_BecomesPaid_OnlyByProvenMoney() =>
        Each(line => line.Next.Attempt != AttemptState.Paid || line.Attempt == AttemptState.Paid || line.Reported == Reported.Paid);

    [Fact]
    public void Order_TakesOnlyTheMovesOfTheContract() =>
        Each(line => line.Next.Order == line.Order || (line.Order, line.Next.Order) switch
        {
            (PaymentStatus.Pending, PaymentStatus.Processing) => true,
            (PaymentStatus.Pending or PaymentStatus.Processing, >= PaymentStatus.Completed) => true,
            (PaymentStatus.Cancelled or PaymentStatus.Failed or PaymentStatus.Expired, PaymentStatus.Completed) => true,
            _ => false,
        });

    [Fact]
    public void SettledUnpaidOrder_GoesOnlyToCompleted_AndOnlyByMoney() =>
        Each(line => line.Order is not (PaymentStatus.Cancelled or PaymentStatus.Failed or PaymentStatus.Expired)
            || line.Next.Order == line.Order || (line.Next.Order == PaymentStatus.Completed && line.Reported == Reported.Paid));

    [Fact]
    public void OrderEnds_OnlyTogetherWithItsAttempt() =>
        Each(line => line.Next.Order == line.Order || line.Next.Order < PaymentStatus.Completed || line.Next.Attempt > AttemptState.Prompted);

    [Fact]
    public void Ignored_And_Duplicate_ChangeNothing() =>
        Each(line => line.Next.Result is not (SettlementResult.Ignored or SettlementResult.Duplicate)
            || (line.Next.Order == line.Order && line.Next.Attempt == line.Attempt && line.Next.Effects == Effects.None));

    [Fact]
    public void Applied_ChangesSomething() =>
        Each(line => line.Next.Result != SettlementResult.Applied
            || line.Next.Order != line.Order || line.Next.Attempt != line.Attempt || line.Has(Effects.TakeReason) || line.Has(Effects.EndReview));

    [Fact]
    public void Unconfirmed_ExactlyForUnprovenMoney_AsksAndChangesNothing() =>
        Each(line => (line.Next.Result == SettlementResult.Unconfirmed) == IsUnproven(line)
            && (!IsUnproven(line)
                || line.Next == new Transition(line.Order, line.Attempt, Effects.AskProvider, SettlementResult.Unconfirmed)));

    // What a provider that can be imitated hints at is asked about too, unless there is money already.
    private static bool IsUnproven(Line line) =>
        line.Reported == Reported.PaidUnproven || (line.Reported == Reported.Hinted && line.Attempt != AttemptState.Paid);

    [Fact]
    public void Review_ExactlyWhenTheMoneyInboxTakesIt() =>
        Each(line => (line.Next.Result == SettlementResult.Review) == line.Has(Effects.RecordInMoneyInbox));

    [Fact]
    public void UnderReview_OnlyForAnOrderThatIsNotPaid() =>
        Each(line => !line.Has(Effects.MarkUnderReview) || line.Next.Order != PaymentStatus.Completed);

    [Fact]
    public void Lapsed_IsAlwaysAskedAbout_UnlessTheProviderHasJustBeenAsked() =>
        Each(line => line.Next.Attempt != AttemptState.Lapsed || line.Attempt == AttemptState.Lapsed
            || line.Has(Effects.AskProvider) == (line.Reported != Reported.FailedUnproven));

    [Fact]
    public void Unmatched_IsNoWordOfTheTable() => Each(line => line.Next.Result != SettlementResult.Unmatched);

    [Fact]
    public void Next_UnknownReport_Throws() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => Transitions.Next(PaymentStatus.Pending, AttemptState.Created, isCurrent: true, (Reported)99));

    [Theory]
    //          order      attempt   current  reported      order'     attempt'  effects                              result
    [InlineData("Pending    Created   current  Accepted     Processing Prompted  None                                 Applied")]
    [InlineData("Processing Created   current  Accepted     Processing Prompted  None                                 Applied")]
    [InlineData("Completed  Paid      current  Accepted     Completed  Paid      None                                 Ignored")]
    [InlineData("Cancelled  Cancelled current  Accepted     Cancelled  Cancelled None                                 Ignored")]
    [InlineData("Pending    Created   current  Refused      Failed     Failed    TakeReason                           Applied")]
    [InlineData("Processing Prompted  current  Refused      Processing Prompted  None                                 Ignored")]
    [InlineData("Pending    Created   current  Unanswered   Pending    Created   TakeReason                           Applied")]
    [InlineData("Processing Prompted  current  Pending      Processing Prompted  None                                 Ignored")]
    [InlineData("Pending    Created   current  Paid         Completed  Paid      RecordPayment                        Applied")]
    [InlineData("Processing Prompted  current  Paid         Completed  Paid      RecordPayment                        Applied")]
    [InlineData("Processing Cancelled earlier  Paid         Completed  Paid      RecordPayment                        Applied")]
    [InlineData("Expired    Lapsed    current  Paid         Completed  Paid      RecordPayment                        Applied")]
    [InlineData("Cancelled  Cancelled current  Paid         Completed  Paid      RecordPayment                        Applied")]
    [InlineData("Completed  Prompted  earlier  Paid         Completed  Paid      RecordInMoneyInbox                   Review")]
    [InlineData("Completed  Paid      current  Paid         Completed  Paid      RecordInMoneyInbox                   Review")]
    [InlineData("Completed  Paid      current  PaidAgain    Completed  Paid      None                                 Duplicate")]
    [InlineData("Processing Prompted  current  PaidWrong    Processing Prompted  RecordInMoneyInbox,MarkUnderReview   Review")]
    [InlineData("Completed  Paid      current  PaidWrong    Completed  Paid      RecordInMoneyInbox                   Review")]
    [InlineData("Processing Prompted  current  PaidUnproven Processing Prompted  AskProvider                          Unconfirmed")]
    [InlineData("Processing Prompted  current  Cancelled    Cancelled  Cancelled TakeReason                           Applied")]
    [InlineData("Processing Prompted  earlier  Cancelled    Processing Cancelled None                                 Applied")]
    [InlineData("Completed  Prompted  earlier  Failed       Completed  Failed    None                                 Applied")]
    [InlineData("Processing Prompted  current  Failed       Failed     Failed    TakeReason                           Applied")]
    [InlineData("Processing Prompted  current  FailedUnproven Failed   Lapsed    TakeReason                           Applied")]
    [InlineData("Failed     Lapsed    current  FailedUnproven Failed   Lapsed    None                                 Ignored")]
    [InlineData("Processing Prompted  current  Expired      Expired    Expired   TakeReason                           Applied")]
    [InlineData("Processing Prompted  current  Lapsed       Expired    Lapsed    AskProvider,TakeReason               Applied")]
    [InlineData("Expired    Lapsed    current  Failed       Expired    Failed    None                                 Applied")]
    [InlineData("Expired    Lapsed    current  Lapsed       Expired    Lapsed    None                                 Ignored")]
    public void Next_MainRows_AreThese(string row)
    {
        var words = row.Split(' ', StringSplitOptions.RemoveEmptyEntries);

        var next = Transitions.Next(
            Enum.Parse<PaymentStatus>(words[0]), Enum.Parse<AttemptState>(words[1]), words[2] == "current", Enum.Parse<Reported>(words[3]));

        Assert.Equal(
            new Transition(
                Enum.Parse<PaymentStatus>(words[4]), Enum.Parse<AttemptState>(words[5]), Enum.Parse<Effects>(words[6]), Enum.Parse<SettlementResult>(words[7])),
            next);
    }

    private static void Each(Func<Line, bool> holds)
    {
        var lines = 0;
        foreach (var order in Enum.GetValues<PaymentStatus>())
        {
            foreach (var attempt in Enum.GetValues<AttemptState>())
            {
                foreach (var isCurrent in (bool[])[true, false])
                {
                    foreach (var reported in Enum.GetValues<Reported>())
                    {
                        var line = new Line(order, attempt, isCurrent, reported, Transitions.Next(order, attempt, isCurrent, reported));
                        Assert.True(holds(line), line.ToString());
                        lines++;
                    }
                }
            }
        }

        Assert.Equal(6 * 7 * 2 * 15, lines);
    }

    private sealed record Line(PaymentStatus Order, AttemptState Attempt, bool IsCurrent, Reported Reported, Transition Next)
    {
        public bool Has(Effects effect) => Next.Effects.HasFlag(effect);
    }
}
