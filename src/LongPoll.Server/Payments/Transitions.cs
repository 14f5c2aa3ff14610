namespace LongPoll.Server.Payments;

/// <summary>A report as the table sees it: what was said, after its money was graded.</summary>
internal enum Reported
{
    Accepted,
    Refused,
    Unanswered,
    Pending,

    /// <summary>Money, every rung of the ladder held, from an attempt that has none yet.</summary>
    Paid,

    /// <summary>The money that this paid attempt already has, told again.</summary>
    PaidAgain,

    /// <summary>Money that cannot pay this order: wrong amount or currency, or a transaction already used.</summary>
    PaidWrong,

    /// <summary>Money is claimed, but a rung is missing.</summary>
    PaidUnproven,
    Cancelled,
    Failed,

    /// <summary>A doubtful failure that nobody else has told.</summary>
    FailedUnproven,
    Expired,
    Lapsed,

    /// <summary>A person has decided that money in the inbox does not pay this order.</summary>
    ReviewOver,

    /// <summary>Something happened, told by somebody who can be imitated.</summary>
    Hinted,
}

/// <summary>What must happen in the same commit as the new states.</summary>
[Flags]
internal enum Effects
{
    None = 0,

    /// <summary>The payment row and the booking row.</summary>
    RecordPayment = 1,

    /// <summary>Money that no order can take goes to the money inbox.</summary>
    RecordInMoneyInbox = 2,

    /// <summary>The order says that a person is looking at its money.</summary>
    MarkUnderReview = 4,

    /// <summary>The provider is asked about the attempt.</summary>
    AskProvider = 8,

    /// <summary>The order takes the report's reason.</summary>
    TakeReason = 16,

    /// <summary>Nobody looks at the order's money any more.</summary>
    EndReview = 32,
}

/// <summary>How a report ended; the word a callback is answered with.</summary>
internal enum SettlementResult
{
    Applied,
    Duplicate,
    Ignored,
    Unconfirmed,
    Unmatched,
    Review,
}

/// <summary>One line of the table.</summary>
internal readonly record struct Transition(PaymentStatus Order, AttemptState Attempt, Effects Effects, SettlementResult Result);

/// <summary>
/// The whole of what a payment may become: (order, attempt, is it current, report) → next states and effects.
/// Pure; everything that changes a payment goes through it.
/// </summary>
internal static class Transitions
{
    public static Transition Next(PaymentStatus order, AttemptState attempt, bool isCurrent, Reported reported)
    {
        var open = attempt is AttemptState.Created or AttemptState.Prompted;
        var movesOrder = isCurrent && order is (PaymentStatus.Pending or PaymentStatus.Processing);
        var stays = new Transition(order, attempt, Effects.None, SettlementResult.Ignored);

        switch (reported)
        {
            // The prompt is out. When the callback overtook the push's answer, the answer only brings its ids.
            case Reported.Accepted:
                return attempt == AttemptState.Created
                    ? Moved(isCurrent && order == PaymentStatus.Pending ? PaymentStatus.Processing : order, AttemptState.Prompted)
                    : stays;

            case Reported.Refused:
                return attempt == AttemptState.Created ? Ended(PaymentStatus.Failed, AttemptState.Failed) : stays;

            // There may be a prompt: nothing ends, but the page may say that the provider does not answer.
            case Reported.Unanswered:
                return attempt == AttemptState.Created && movesOrder ? Moved(order, attempt, Effects.TakeReason) : stays;

            case Reported.Pending:
                return stays;

            // Money counts from any attempt, however late; only an order that is already paid cannot take it.
            case Reported.Paid when order == PaymentStatus.Completed:
                return new(order, AttemptState.Paid, Effects.RecordInMoneyInbox, SettlementResult.Review);
            case Reported.Paid when attempt == AttemptState.Paid:
                return new(order, attempt, Effects.RecordInMoneyInbox | Effects.MarkUnderReview, SettlementResult.Review);
            case Reported.Paid:
                return Moved(PaymentStatus.Completed, AttemptState.Paid, Effects.RecordPayment);

            case Reported.PaidAgain:
                return stays with { Result = SettlementResult.Duplicate };

            case Reported.PaidWrong:
                return new(
                    order,
                    attempt,
                    Effects.RecordInMoneyInbox | (order == PaymentStatus.Completed ? Effects.None : Effects.MarkUnderReview),
                    SettlementResult.Review);

            case Reported.PaidUnproven:
                return stays with { Effects = Effects.AskProvider, Result = SettlementResult.Unconfirmed };

            case Reported.Hinted:
                return attempt == AttemptState.Paid ? stays : stays with { Effects = Effects.AskProvider, Result = SettlementResult.Unconfirmed };

            case Reported.Cancelled:
                return Ended(PaymentStatus.Cancelled, AttemptState.Cancelled);
            case Reported.Failed:
                return Ended(PaymentStatus.Failed, AttemptState.Failed);

            // The page ends, but the attempt can still succeed: until its horizon, or until the provider itself comes and says no.
            case Reported.FailedUnproven:
                return open ? Ended(PaymentStatus.Failed, AttemptState.Lapsed) : stays;
            case Reported.Expired:
                return Ended(PaymentStatus.Expired, AttemptState.Expired);
            case Reported.Lapsed:
                return open ? Ended(PaymentStatus.Expired, AttemptState.Lapsed, Effects.AskProvider) : stays;

            case Reported.ReviewOver:
                return order == PaymentStatus.Completed ? stays : Moved(order, attempt, Effects.EndReview);

            default:
                throw new ArgumentOutOfRangeException(nameof(reported), reported, message: null);
        }

        static Transition Moved(PaymentStatus order, AttemptState attempt, Effects effects = Effects.None) =>
            new(order, attempt, effects, SettlementResult.Applied);

        // A failure ends its own attempt, and moves the order only when that attempt is current and the order is open.
        // An attempt that had lapsed gets the provider's last word; its order has ended already.
        Transition Ended(PaymentStatus orderEnd, AttemptState attemptEnd, Effects effects = Effects.None)
        {
            if (!open && attempt != AttemptState.Lapsed)
            {
                return stays;
            }

            return movesOrder
                ? Moved(orderEnd, attemptEnd, effects | Effects.TakeReason)
                : Moved(order, attemptEnd, effects);
        }
    }
}
