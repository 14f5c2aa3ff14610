using LongPoll.Server.Payments;

namespace LongPoll.Server.Admin;

/// <summary>How marking a refund ended.</summary>
internal enum RefundMark
{
    Done,
    NoSuchOrder,

    /// <summary>The order is not paid, so nothing can have gone back.</summary>
    NotPaid,

    /// <summary>A refund of this id is noted at another order.</summary>
    OtherOrder,

    /// <summary>The amount has too many decimals, or is more than is left of the payment.</summary>
    WrongAmount,
}

/// <summary>
/// A person notes money that went back where no provider tells of it: an M-PESA reversal is made at Safaricom, and nobody
/// calls back. The same refund id is counted once, so that a second click changes nothing.
/// </summary>
internal sealed partial class MarkRefund(IOrderStore orders, SettlePayment settle, ILogger<MarkRefund> logger)
{
    public async Task<(RefundMark Mark, Order? Order)> HandleAsync(Guid orderId, string refundId, decimal amount, string reason, CancellationToken cancel)
    {
        if (await orders.FindWithAttemptsAsync(orderId, cancel) is not var (order, attempts))
        {
            return (RefundMark.NoSuchOrder, null);
        }

        if (order.PaymentStatus != PaymentStatus.Completed || attempts.FirstOrDefault(a => a.TransactionId == order.Receipt) is not { } paid)
        {
            return (RefundMark.NotPaid, order);
        }

        if (Money.FromMajor(amount, order.Total.Currency) is not { Minor: > 0 } money || money.Minor > order.Total.Minor)
        {
            return (RefundMark.WrongAmount, order);
        }

        var settlement = await settle.HandleAsync(
            new PaymentReport
            {
                Provider = order.Provider,
                Source = ReportSource.Admin,
                Outcome = ReportedOutcome.Refunded,
                Clues = new AttemptClues { AttemptId = paid.AttemptId },
                TransactionId = order.Receipt,
                Refund = new RefundClaim(refundId, amount, InAll: false),
                DecisionReason = reason,
            },
            cancel);
        LogMarked(logger, orderId, money, Names.Of(settlement.Result));
        return (settlement.Result is SettlementResult.Applied or SettlementResult.Duplicate ? RefundMark.Done : RefundMark.OtherOrder, settlement.Current);
    }

    [LoggerMessage(1110, LogLevel.Warning, "A refund was marked by hand: order {OrderId}, {Amount}, {Result}")]
    private static partial void LogMarked(ILogger logger, Guid orderId, Money amount, string result);
}
