using LongPoll.Server.Outbox;

namespace LongPoll.Server.Payments;

/// <summary>
/// Money that goes back: the amount grows, once per refund, and no status moves. <c>completed</c> stays, and an order that is
/// not known to be paid keeps the refund too, for the news of the payment may come later. Pure.
/// </summary>
internal static class Refunds
{
    public const string Code = "refund";

    public static Settlement Decide(PaymentReport report, SettlementFacts facts, Order order, Attempt attempt, DateTime now)
    {
        var stays = new Settlement { Report = report, Result = SettlementResult.Ignored, Before = order, AttemptId = attempt.AttemptId };
        if (report is not { Outcome: ReportedOutcome.Refunded, Refund: { } claim } || IsOtherMoney(report, facts, order, attempt))
        {
            return stays;
        }

        if (facts.Refunds.FirstOrDefault(r => r.RefundId == claim.RefundId) is { } known)
        {
            return known.OrderId == order.OrderId ? stays with { Result = SettlementResult.Duplicate } : stays;
        }

        if (report.Doubtful)
        {
            return stays with
            {
                Result = SettlementResult.Unconfirmed,
                Outbox = [OutboxMessage.AskRefund(order.OrderId, attempt.AttemptId, claim.RefundId, now)],
            };
        }

        var inSameCurrency = report.Currency is null || report.Currency.Equals(order.Total.Currency, StringComparison.OrdinalIgnoreCase);
        if (!inSameCurrency || Money.FromMajor(claim.Amount, order.Total.Currency) is not { Minor: > 0 } claimed)
        {
            return stays;
        }

        var grown = claim.InAll ? claimed.Minor - facts.Refunds.Where(r => r.InAll && r.OrderId == order.OrderId).Sum(r => r.Amount.Minor) : claimed.Minor;
        if (grown <= 0)
        {
            return stays with { Result = SettlementResult.Duplicate };
        }

        // No more can have gone back than was paid, whatever anybody adds up.
        var refunded = Math.Min(order.Total.Minor, order.RefundedMinor + grown);
        var after = order with { RefundedMinor = refunded, Version = order.Version + 1, UpdatedAt = Clock.Later(now, order.UpdatedAt) };
        return stays with
        {
            Result = SettlementResult.Applied,
            After = after,
            Attempt = attempt,
            Refund = new Refund(claim.RefundId, order.OrderId, attempt.AttemptId, attempt.Provider, new Money(grown, order.Total.Currency), claim.InAll, now),
            Event = new OrderEvent(
                Guid.CreateVersion7(), order.OrderId, attempt.AttemptId, after.Version, order.PaymentStatus, after.PaymentStatus, attempt.State, report.Source, Code, now),
        };
    }

    /// <summary>Money that never paid this order: it is in the inbox, where a person decides, or belongs to another payment.</summary>
    private static bool IsOtherMoney(PaymentReport report, SettlementFacts facts, Order order, Attempt attempt) =>
        facts.TransactionTakenBy is { } taken
            ? taken.InMoneyInbox || taken.OrderId != order.OrderId
            : order.PaymentStatus == PaymentStatus.Completed && (report.TransactionId ?? attempt.TransactionId) != order.Receipt;
}
