using LongPoll.Server.Payments;

namespace LongPoll.Server.Admin;

/// <summary>How a decision about money in the inbox ended.</summary>
internal enum InboxDecision
{
    Done,
    NoSuchEntry,
    NoSuchOrder,

    /// <summary>The order is paid already, or the entry was decided meanwhile.</summary>
    Conflict,
}

/// <summary>A person decides about money that fits no order as it stands: it pays an order after all, or it does not.</summary>
internal sealed partial class MoneyInbox(IMoneyInboxStore inbox, IOrderStore orders, SettlePayment settle, TimeProvider clock, ILogger<MoneyInbox> logger)
{
    private const int MostListed = 200;

    public Task<IReadOnlyList<MoneyInboxEntry>> ListAsync(CancellationToken cancel) => inbox.FindOpenEntriesAsync(MostListed, cancel);

    /// <summary>The money pays this order, or the one that it came for, whatever the amount: the person has looked.</summary>
    public async Task<(InboxDecision Decision, Order? Order)> AttachAsync(Guid entryId, Guid? orderId, string reason, CancellationToken cancel)
    {
        if (await inbox.FindOpenEntryAsync(entryId, cancel) is not { } entry)
        {
            return (InboxDecision.NoSuchEntry, null);
        }

        if ((orderId ?? entry.OrderId) is not { } target || await orders.FindOrderAsync(target, cancel) is not { } order)
        {
            return (InboxDecision.NoSuchOrder, null);
        }

        if (order.PaymentStatus == PaymentStatus.Completed)
        {
            return (InboxDecision.Conflict, order);
        }

        var settlement = await settle.HandleAsync(Report(entry, ReportedOutcome.Paid, AttemptFor(entry, order), reason), cancel);
        LogDecided(logger, entryId, "attached", order.OrderId, Names.Of(settlement.Result));
        return settlement.Result == SettlementResult.Applied ? (InboxDecision.Done, settlement.Current) : (InboxDecision.Conflict, settlement.Current);
    }

    /// <summary>The money pays no order here; what becomes of it (a refund, another system) stands in the reason.</summary>
    public async Task<InboxDecision> DismissAsync(Guid entryId, string reason, CancellationToken cancel)
    {
        if (await inbox.FindOpenEntryAsync(entryId, cancel) is not { } entry)
        {
            return InboxDecision.NoSuchEntry;
        }

        // First the order, then the entry: whoever dies in between leaves an entry that can be dismissed again.
        if (entry.AttemptId is { } attemptId && !await inbox.HasOtherOpenEntriesAsync(entry, cancel))
        {
            await settle.HandleAsync(Report(entry, ReportedOutcome.ReviewOver, attemptId, reason), cancel);
        }

        if (!await inbox.DismissEntryAsync(entryId, reason, clock.GetUtcTimestamp(), cancel))
        {
            return InboxDecision.Conflict;
        }

        LogDecided(logger, entryId, "dismissed", entry.OrderId, "");
        return InboxDecision.Done;
    }

    // Money that came for this order stays with its attempt; other money goes to the current one.
    private static Guid AttemptFor(MoneyInboxEntry entry, Order order) =>
        entry.OrderId == order.OrderId && entry.AttemptId is { } own ? own : order.CurrentAttemptId;

    private static PaymentReport Report(MoneyInboxEntry entry, ReportedOutcome outcome, Guid attemptId, string reason) => new()
    {
        Provider = entry.Provider,
        Source = ReportSource.Admin,
        Outcome = outcome,
        Clues = new AttemptClues { AttemptId = attemptId },
        TransactionId = entry.TransactionId,
        Amount = entry.Amount?.Major,
        Currency = entry.Amount?.Currency,
        DecisionReason = reason,
    };

    [LoggerMessage(1100, LogLevel.Warning, "Money inbox entry {EntryId} was {Decision} (order {OrderId}) {Result}")]
    private static partial void LogDecided(ILogger logger, Guid entryId, string decision, Guid? orderId, string result);
}
