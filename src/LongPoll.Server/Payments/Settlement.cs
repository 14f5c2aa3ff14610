using LongPoll.Server.Outbox;

namespace LongPoll.Server.Payments;

/// <summary>What the store knows that bears on one report.</summary>
/// <param name="Order">The order of the attempt, or null when no attempt fits.</param>
/// <param name="Attempt">The attempt that the clues lead to, the surest clue first.</param>
/// <param name="CluesDisagree">True when the clues lead to more than one attempt.</param>
/// <param name="Siblings">All attempts of the order, the matched one among them.</param>
/// <param name="TransactionTakenBy">Where the reported transaction already stands, in the books or in the money inbox.</param>
internal sealed record SettlementFacts(
    Order? Order,
    Attempt? Attempt,
    bool CluesDisagree,
    IReadOnlyList<Attempt> Siblings,
    TakenTransaction? TransactionTakenBy)
{
    /// <summary>What went back of the order's money so far, and the refund of the reported name, whosever it is. Read only for reports about refunds.</summary>
    public IReadOnlyList<Refund> Refunds { get; init; } = [];

    /// <summary>What its payment link says about the order; null for an order without one.</summary>
    public LinkTerms? Link { get; init; }

    public static readonly SettlementFacts Nothing = new(null, null, CluesDisagree: false, [], null);
}

/// <summary>Where a transaction id already stands.</summary>
/// <param name="OrderId">Which order it pays, or came for.</param>
/// <param name="InMoneyInbox">It is in the money inbox, not in the books.</param>
/// <param name="Decided">A person has decided about it.</param>
internal sealed record TakenTransaction(Guid? OrderId, bool InMoneyInbox, bool Decided = false);

/// <summary>Money that arrived and was believed. <paramref name="LinkId"/>: the payment link that it pays, once.</summary>
internal sealed record Payment(
    Guid PaymentId, Guid OrderId, Guid AttemptId, string Provider, string TransactionId, Money Amount, DateTime ReceivedAt, Guid? LinkId = null);

/// <summary>Money that went back. <paramref name="InAll"/>: the provider told the sum, and this is what it grew by.</summary>
internal sealed record Refund(string RefundId, Guid OrderId, Guid AttemptId, string Provider, Money Amount, bool InAll, DateTime At);

/// <summary>What the buyer bought. One per order and one per transaction, by unique constraints.</summary>
internal sealed record Booking(Guid BookingId, Guid OrderId, string Provider, string TransactionId, string Reference, DateTime CreatedAt);

/// <summary>Money that fits no open order, or not this one: a person decides.</summary>
internal sealed record MoneyInboxEntry(
    Guid EntryId, Guid? OrderId, Guid? AttemptId, string Provider, string TransactionId, Money? Amount, string Problem, DateTime ReceivedAt);

/// <summary>One line of the audit log: what changed, and who brought it. <paramref name="From"/> is null when the order was made.</summary>
internal sealed record OrderEvent(
    Guid EventId, Guid OrderId, Guid AttemptId, long Version, PaymentStatus? From, PaymentStatus To, AttemptState AttemptTo,
    ReportSource Source, string? Code, DateTime At);

/// <summary>
/// Everything that one report changes, decided in memory and written in one commit:
/// raw callback, states, payment, booking, outbox, audit, money inbox.
/// </summary>
internal sealed record Settlement
{
    public required PaymentReport Report { get; init; }
    public required SettlementResult Result { get; init; }

    /// <summary>The order as it was read; the commit holds only while its version still stands.</summary>
    public Order? Before { get; init; }

    /// <summary>The order as it will stand, or null when it does not change.</summary>
    public Order? After { get; init; }

    /// <summary>The attempt that the report is about.</summary>
    public Guid? AttemptId { get; init; }

    /// <summary>
    /// The attempt as it will stand, or null when neither it nor the order changes. With no <see cref="After"/> it has only learned
    /// the provider's ids: nothing that a page shows, so the order keeps its version.
    /// </summary>
    public Attempt? Attempt { get; init; }

    /// <summary>All attempts of the order as they were read.</summary>
    public IReadOnlyList<Attempt> Attempts { get; init; } = [];
    public Payment? Payment { get; init; }
    public Booking? Booking { get; init; }
    public MoneyInboxEntry? MoneyInboxEntry { get; init; }
    public Refund? Refund { get; init; }
    public OrderEvent? Event { get; init; }
    public IReadOnlyList<OutboxMessage> Outbox { get; init; } = [];

    public Order? Current => After ?? Before;

    /// <summary>True when there is something to commit; a query that says nothing new leaves no trace.</summary>
    public bool Writes => Attempt is not null || MoneyInboxEntry is not null || Report.Raw is not null || Outbox.Count > 0;

    /// <summary>Decides what a report means for the facts at hand. Pure.</summary>
    /// <param name="report">What was said.</param>
    /// <param name="facts">What is known.</param>
    /// <param name="now">The time.</param>
    /// <param name="fulfils">A paid order promises tickets and mails.</param>
    public static Settlement Decide(PaymentReport report, SettlementFacts facts, DateTime now, bool fulfils = false)
    {
        if (facts.Order is not { } order || facts.Attempt is not { } attempt)
        {
            return new Settlement
            {
                Report = report,
                Result = SaysNothing(report.Outcome) ? SettlementResult.Ignored : SettlementResult.Unmatched,
            };
        }

        if (report.Outcome is ReportedOutcome.Refunded or ReportedOutcome.Disputed)
        {
            return Refunds.Decide(report, facts, order, attempt, now);
        }

        var reported = Grade(report, facts, order, attempt);
        var transition = Transitions.Next(order.PaymentStatus, attempt.State, order.CurrentAttemptId == attempt.AttemptId, reported);
        var nextAttempt = NextAttempt(attempt, report, transition, Disagree(report, facts, attempt), now);
        var nextOrder = NextOrder(order, report, transition, facts, nextAttempt, now);
        var paid = transition.Effects.HasFlag(Effects.RecordPayment);
        if (paid && fulfils)
        {
            nextOrder = nextOrder with { Fulfilment = Fulfilment.Pending };
        }

        var changes = nextOrder != order || nextAttempt.WithIdsOf(attempt) != attempt;

        return new Settlement
        {
            Report = report,
            Result = transition.Result,
            Before = order,
            AttemptId = attempt.AttemptId,
            After = changes ? nextOrder with { Version = order.Version + 1, UpdatedAt = Clock.Later(now, order.UpdatedAt) } : null,
            Attempt = changes || nextAttempt != attempt ? nextAttempt : null,
            Attempts = facts.Siblings,
            Payment = paid
                ? new Payment(Guid.CreateVersion7(), order.OrderId, attempt.AttemptId, attempt.Provider, report.TransactionId!, Claimed(report, attempt) ?? order.Total, now, order.LinkId)
                : null,
            Booking = paid
                ? new Booking(Guid.CreateVersion7(), order.OrderId, attempt.Provider, report.TransactionId!, nextOrder.BookingReference!, now)
                : null,
            MoneyInboxEntry = transition.Effects.HasFlag(Effects.RecordInMoneyInbox) && facts.TransactionTakenBy is not { InMoneyInbox: true }
                ? new MoneyInboxEntry(
                    Guid.CreateVersion7(), order.OrderId, attempt.AttemptId, attempt.Provider, report.TransactionId!, Claimed(report, attempt),
                    Problem(reported, report, facts, attempt), now)
                : null,
            Event = changes
                ? new OrderEvent(
                    Guid.CreateVersion7(), order.OrderId, attempt.AttemptId, order.Version + 1, order.PaymentStatus, nextOrder.PaymentStatus,
                    nextAttempt.State, report.Source, report.Code, now)
                : null,
            Outbox = transition.Effects.HasFlag(Effects.AskProvider) && report.Source != ReportSource.Expiry
                ? [OutboxMessage.AskProvider(order.OrderId, attempt.AttemptId, now)]
                : paid && fulfils ? [OutboxMessage.Fulfil(order.OrderId, now)]
                : [],
        };
    }

    /// <summary>The ladder: what a claim of money must have before it is believed.</summary>
    private static Reported Grade(PaymentReport report, SettlementFacts facts, Order order, Attempt attempt)
    {
        var disagree = Disagree(report, facts, attempt);
        switch (report.Outcome)
        {
            case ReportedOutcome.Accepted: return Reported.Accepted;
            case ReportedOutcome.Refused: return Reported.Refused;
            case ReportedOutcome.Unanswered: return Reported.Unanswered;
            case ReportedOutcome.Pending: return Reported.Pending;
            case ReportedOutcome.ReviewOver: return Reported.ReviewOver;
            case ReportedOutcome.Hinted: return Reported.Hinted;
            case ReportedOutcome.Cancelled: return disagree ? Reported.Pending : Reported.Cancelled;
            case ReportedOutcome.Failed:
                return disagree ? Reported.Pending : report.Doubtful && !attempt.ToldToBeOver ? Reported.FailedUnproven : Reported.Failed;
            case ReportedOutcome.Expired: return disagree ? Reported.Pending : Reported.Expired;
            case ReportedOutcome.Lapsed: return disagree ? Reported.Pending : Reported.Lapsed;
        }

        var taken = facts.TransactionTakenBy;
        if (report.Source == ReportSource.Admin)
        {
            // The person has looked at the amount and at whose money it is; what is in the books is spent all the same, and a
            // payment link that has its money takes none besides.
            return taken is { InMoneyInbox: false } || facts.Link is { PaidByAnother: true } ? Reported.PaidAgain : Reported.Paid;
        }

        var known = taken is { InMoneyInbox: true, Decided: true } || (taken is { InMoneyInbox: false } && taken.OrderId == order.OrderId);
        if (known || (attempt.State == AttemptState.Paid && (report.TransactionId is null || report.TransactionId == attempt.TransactionId)))
        {
            return Reported.PaidAgain;
        }

        if (disagree || report.Doubtful || report.TransactionId is null || (report.Amount is null && !report.FromProvider))
        {
            return Reported.PaidUnproven;
        }

        return WrongMoney(report, attempt) || taken is not null || (attempt.Disputed && report.Amount is null) || facts.Link is { PaidByAnother: true }
            ? Reported.PaidWrong
            : Reported.Paid;
    }

    private static bool Disagree(PaymentReport report, SettlementFacts facts, Attempt attempt) =>
        facts.CluesDisagree || Contradicts(report.Clues, attempt);

    /// <summary>An id that the attempt knows and the report gives otherwise: one of the two is about another payment.</summary>
    private static bool Contradicts(AttemptClues clues, Attempt attempt) =>
        (clues.AttemptId is { } id && id != attempt.AttemptId)
        || Differ(clues.Reference, attempt.Reference)
        || Differ(clues.CheckoutDigest, attempt.CheckoutDigest)
        || Differ(clues.ProviderReference, attempt.ProviderReference);

    private static bool Differ(string? told, string? known) => told is not null && known is not null && told != known;

    private static bool WrongMoney(PaymentReport report, Attempt attempt) =>
        (report.Currency is { } currency && !currency.Equals(attempt.Amount.Currency, StringComparison.OrdinalIgnoreCase))
        || (report.Amount is { } amount && Money.FromMajor(amount, attempt.Amount.Currency) != attempt.Amount);

    private static Money? Claimed(PaymentReport report, Attempt attempt) =>
        report.Amount is { } amount ? Money.FromMajor(amount, report.Currency?.ToUpperInvariant() ?? attempt.Amount.Currency)
        : attempt.Disputed ? null
        : attempt.Amount;

    private static string Problem(Reported reported, PaymentReport report, SettlementFacts facts, Attempt attempt) => reported switch
    {
        Reported.PaidWrong when facts.TransactionTakenBy is not null => InboxProblems.TransactionUsed,
        Reported.PaidWrong when WrongMoney(report, attempt) || attempt.Disputed => InboxProblems.WrongAmount,
        _ => InboxProblems.SecondPayment,
    };

    private static Attempt NextAttempt(Attempt attempt, PaymentReport report, Transition transition, bool disagree, DateTime now) => attempt with
    {
        State = transition.Attempt,
        ProviderReference = attempt.ProviderReference ?? (report.FromProvider ? report.Clues.ProviderReference : null),
        CheckoutDigest = attempt.CheckoutDigest ?? (report.FromProvider ? report.Clues.CheckoutDigest : null),
        TransactionId = transition.Attempt == AttemptState.Paid ? attempt.TransactionId ?? report.TransactionId : attempt.TransactionId,
        Disputed = attempt.Disputed || (transition.Result == SettlementResult.Unconfirmed && !disagree && WrongMoney(report, attempt)),
        ResultCode = transition.Attempt == attempt.State ? attempt.ResultCode
            : transition.Attempt == AttemptState.Lapsed && report.Source != ReportSource.Callback ? null
            : report.Code ?? attempt.ResultCode,
        EndedAt = transition.Attempt is AttemptState.Created or AttemptState.Prompted ? null : attempt.EndedAt ?? now,
    };

    private static Order NextOrder(
        Order order, PaymentReport report, Transition transition, SettlementFacts facts, Attempt nextAttempt, DateTime now)
    {
        var next = order with { PaymentStatus = transition.Order };
        if (report is { Outcome: ReportedOutcome.Accepted, CheckoutUrl: { } page } && transition.Attempt == AttemptState.Prompted && order.CurrentAttemptId == nextAttempt.AttemptId)
        {
            next = next with { CheckoutUrl = page };
        }

        if (transition.Effects.HasFlag(Effects.RecordPayment))
        {
            next = next with
            {
                Reason = null,
                Receipt = report.TransactionId,
                BookingReference = Payments.BookingReference.For(nextAttempt.Provider, report.TransactionId!),
            };
        }
        else if (transition.Effects.HasFlag(Effects.EndReview))
        {
            next = next with { Reason = order.Reason == Reasons.UnderReview ? null : order.Reason };
        }
        else if (transition.Effects.HasFlag(Effects.MarkUnderReview) || order.Reason == Reasons.UnderReview)
        {
            // It stays until the order is paid or a person lets go of it: a failure that comes afterwards must not
            // tell the buyer that nothing was charged.
            next = next with { Reason = Reasons.UnderReview };
        }
        else if (transition.Effects.HasFlag(Effects.TakeReason))
        {
            next = next with { Reason = report.Reason };
        }
        else if (transition.Order == PaymentStatus.Processing && order.PaymentStatus != PaymentStatus.Processing)
        {
            next = next with { Reason = null };
        }

        return next with { SafeToRetry = IsSafeToRetry(next, facts.Siblings, nextAttempt) && facts.Link?.LetsPay(now) is not false };
    }

    /// <summary>
    /// The buyer may try again when the order ended unpaid, nobody is looking at its money,
    /// and no attempt of it can still succeed. Its payment link, where there is one, must let it besides.
    /// </summary>
    private static bool IsSafeToRetry(Order order, IReadOnlyList<Attempt> siblings, Attempt changed) =>
        order.PaymentStatus is PaymentStatus.Cancelled or PaymentStatus.Failed or PaymentStatus.Expired
        && order.Reason != Reasons.UnderReview
        && !changed.CanStillSucceed
        && siblings.All(a => a.AttemptId == changed.AttemptId || !a.CanStillSucceed);

    private static bool SaysNothing(ReportedOutcome outcome) => outcome is ReportedOutcome.Pending or ReportedOutcome.Accepted;
}
