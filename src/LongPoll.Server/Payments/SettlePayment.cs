using System.Data.Common;
using LongPoll.Server.Outbox;

namespace LongPoll.Server.Payments;

/// <summary>
/// The one door. Whatever a provider says about money, whoever brought it, is decided here and committed once:
/// read the facts, decide by the table, write everything in one commit guarded by the order's version;
/// then announce, and nudge the outbox.
/// </summary>
internal sealed partial class SettlePayment(
    IOrderStore store,
    Announcements announcements,
    OutboxSignal outbox,
    PaymentMetrics metrics,
    TimeProvider clock,
    ILogger<SettlePayment> logger)
{
    // A conflict means that somebody else moved the order: each round somebody gets through, so this many rounds
    // are only reached when something is badly wrong.
    private const int MostRounds = 20;

    public async Task<Settlement> HandleAsync(PaymentReport report, CancellationToken cancel)
    {
        for (var round = 1; ; round++)
        {
            var settlement = await TryAsync(report, isFirst: round == 1, cancel);
            if (settlement is not null)
            {
                return settlement;
            }

            if (round == MostRounds)
            {
                throw new TimeoutException($"An order changed {MostRounds} times while a report about it was being settled.");
            }
        }
    }

    /// <summary>Null: somebody else moved the order meanwhile, or a connection of the pool turned out to be dead; once more.</summary>
    private async Task<Settlement?> TryAsync(PaymentReport report, bool isFirst, CancellationToken cancel)
    {
        try
        {
            // :: Step 1: what is known
            var facts = await store.FindFactsAsync([report], cancel);

            // :: Step 2: what it means
            var settlement = Settlement.Decide(report, facts[0], clock.GetUtcTimestamp());

            // :: Step 3: write it whole, if the order still stands as it was read
            var outcomes = await store.SettleAsync([settlement], cancel);
            if (outcomes[0] == CommitOutcome.Stale)
            {
                return null;
            }

            // :: Step 4: tell
            Tell(settlement);
            return settlement;
        }
        catch (DbException e) when (isFirst && e.IsTransient)
        {
            // After a restart of the database every pooled connection fails once. Should the write have been committed
            // before its connection died, the next round finds it done.
            LogOnceMore(logger, e.GetType().Name);
            return null;
        }
    }

    private void Tell(Settlement settlement)
    {
        if (settlement.After is { } after)
        {
            LogOrderUpdated(logger, after.OrderId, Names.Of(after.PaymentStatus), after.Version, Names.Of(settlement.Report.Source));
            announcements.Post(after);
        }

        // What is promised for later is found by the sweep; a nudge now would only find nothing.
        if (settlement.Outbox.Any(message => message.DueAt <= message.CreatedAt))
        {
            outbox.Nudge();
        }

        metrics.Settled(settlement);
        if (settlement.MoneyInboxEntry is { } entry)
        {
            CallAPerson(entry);
        }
        else if (settlement is { Result: SettlementResult.Duplicate, Report.TransactionId: { } transactionId })
        {
            LogDuplicate(logger, transactionId, settlement.Current?.OrderId);
        }
    }

    // Each kind of alarm has an event id of its own, so that it can be sent to whoever has to do with it.
    private void CallAPerson(MoneyInboxEntry entry)
    {
        switch (entry.Problem)
        {
            case InboxProblems.WrongAmount:
                LogWrongAmount(logger, entry.OrderId, entry.Provider, entry.TransactionId);
                break;
            case InboxProblems.SecondPayment:
                LogSecondPayment(logger, entry.OrderId, entry.Provider, entry.TransactionId);
                break;
            default:
                LogTransactionUsed(logger, entry.OrderId, entry.Provider, entry.TransactionId);
                break;
        }
    }

    [LoggerMessage(100, LogLevel.Information, "Order status updated: {Status} (order {OrderId}, version {Version}, by {Source})")]
    private static partial void LogOrderUpdated(ILogger logger, Guid orderId, string status, long version, string source);

    [LoggerMessage(101, LogLevel.Error, "ALARM wrong amount or currency for order {OrderId}: {Provider} transaction {TransactionId} is in the money inbox")]
    private static partial void LogWrongAmount(ILogger logger, Guid? orderId, string provider, string transactionId);

    [LoggerMessage(104, LogLevel.Error, "ALARM second payment for order {OrderId}: {Provider} transaction {TransactionId} is in the money inbox")]
    private static partial void LogSecondPayment(ILogger logger, Guid? orderId, string provider, string transactionId);

    [LoggerMessage(105, LogLevel.Error, "ALARM a transaction that came for another order before was told for order {OrderId}: {Provider} transaction {TransactionId} is in the money inbox")]
    private static partial void LogTransactionUsed(ILogger logger, Guid? orderId, string provider, string transactionId);

    [LoggerMessage(103, LogLevel.Warning, "A report could not be settled, once more: {Error}")]
    private static partial void LogOnceMore(ILogger logger, string error);

    [LoggerMessage(102, LogLevel.Information, "IDEMPOTENCY: Transaction {TransactionId} already processed (order {OrderId})")]
    private static partial void LogDuplicate(ILogger logger, string transactionId, Guid? orderId);
}
