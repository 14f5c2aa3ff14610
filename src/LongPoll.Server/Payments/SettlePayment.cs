using LongPoll.Server.Outbox;

namespace LongPoll.Server.Payments;

/// <summary>
/// The one door. Whatever a provider says about money, whoever brought it, is decided here and committed once:
/// what is known, here or in the store; decide by the table, write everything in one commit guarded by the order's version;
/// then announce, and nudge the outbox. What arrives together goes through together.
/// </summary>
internal sealed partial class SettlePayment
{
    private readonly IOrderStore _store;
    private readonly Announcements _announcements;
    private readonly OutboxSignals _outbox;
    private readonly FulfilmentRule _fulfilment;
    private readonly PaymentMetrics _metrics;
    private readonly TimeProvider _clock;
    private readonly ILogger<SettlePayment> _logger;
    private readonly GroupCommit _commits;
    private readonly PaymentsUnderWay _remembered;

    public SettlePayment(
        IOrderStore store, Announcements announcements, OutboxSignals outbox, FulfilmentRule fulfilment, PaymentsUnderWay underWay, DoorLoad load,
        PaymentMetrics metrics, TimeProvider clock, ILogger<SettlePayment> logger)
    {
        (_store, _announcements, _outbox, _fulfilment, _remembered) = (store, announcements, outbox, fulfilment, underWay);
        (_metrics, _clock, _logger) = (metrics, clock, logger);
        _commits = new GroupCommit(SettleAsync, load, clock);
    }

    /// <summary>Settles one report; completes when it is committed. Who stops waiting does not stop the commit.</summary>
    public Task<Settlement> HandleAsync(PaymentReport report, CancellationToken cancel) => _commits.SettleAsync(report).WaitAsync(cancel);

    /// <summary>Null where a report must go through once more: its order moved, or was moved by another one of the list.</summary>
    private async Task<IReadOnlyList<Settlement?>> SettleAsync(IReadOnlyList<PaymentReport> reports)
    {
        // :: Step 1: what is known, here or in the store
        var now = _clock.GetUtcTimestamp();
        var settlements = new Settlement?[reports.Count];
        var unknown = new List<int>();
        for (var n = 0; n < reports.Count; n++)
        {
            settlements[n] = _remembered.Decide(reports[n], now, _fulfilment.Promised);
            if (settlements[n] is null)
            {
                unknown.Add(n);
            }
        }

        var facts = unknown.Count == 0 ? [] : await _store.FindFactsAsync(unknown.ConvertAll(n => reports[n]), CancellationToken.None);

        // :: Step 2: what it means
        for (var u = 0; u < unknown.Count; u++)
        {
            settlements[unknown[u]] = Settlement.Decide(reports[unknown[u]], facts[u], now, _fulfilment.Promised);
        }

        // One report per order and per transaction: what the first one changes the second one has to see.
        var (orders, transactions) = (new HashSet<Guid>(), new HashSet<(string, string)>());
        for (var n = 0; n < reports.Count; n++)
        {
            var report = reports[n];
            var alone = (settlements[n]!.Before is not { } order || orders.Add(order.OrderId))
                & (report.TransactionId is not { } transaction || transactions.Add((report.Provider, transaction)));
            settlements[n] = alone ? settlements[n] : null;
        }

        // :: Step 3: write each whole, if its order still stands as it was read
        int[] written = [.. Enumerable.Range(0, reports.Count).Where(n => settlements[n] is { Writes: true })];
        var outcomes = written.Length == 0 ? [] : await _store.SettleAsync([.. written.Select(n => settlements[n]!)], CancellationToken.None);
        for (var w = 0; w < written.Length; w++)
        {
            var settlement = settlements[written[w]]!;
            if (outcomes[w] == CommitOutcome.Committed)
            {
                _remembered.Committed(settlement, now);
                continue;
            }

            settlements[written[w]] = null;
            if (settlement.AttemptId is { } attemptId)
            {
                _remembered.Forget(attemptId);
            }
        }

        // :: Step 4: tell
        foreach (var settlement in settlements)
        {
            if (settlement is not null)
            {
                Tell(settlement, onThisThread: reports.Count == 1);
            }
        }

        return settlements;
    }

    private void Tell(Settlement settlement, bool onThisThread)
    {
        if (settlement.After is { } after)
        {
            LogOrderUpdated(_logger, after.OrderId, Names.Of(after.PaymentStatus), after.Version, Names.Of(settlement.Report.Source));
            _announcements.Post(after, onThisThread);
        }

        // What is promised for later is found by the look of each second; a nudge now would only find nothing.
        foreach (var message in settlement.Outbox)
        {
            if (message.DueAt <= message.CreatedAt)
            {
                _outbox.For(message.Kind).Nudge();
            }
        }

        _metrics.Settled(settlement);
        if (settlement is { Refund: { } refund, After: { } order })
        {
            LogRefunded(_logger, order.OrderId, refund.Amount, refund.RefundId);
        }

        if (settlement is { Report: { Outcome: ReportedOutcome.Disputed, Code: var code }, Before: { } disputed })
        {
            LogDisputed(_logger, disputed.OrderId, disputed.Provider, code);
            _metrics.Alarm("payment_disputed");
        }

        if (settlement.MoneyInboxEntry is { } entry)
        {
            CallAPerson(entry);
        }
        else if (settlement is { Result: SettlementResult.Duplicate, Report.TransactionId: { } transactionId })
        {
            LogDuplicate(_logger, transactionId, settlement.Current?.OrderId);
        }
    }

    // Each kind of alarm has an event id of its own, so that it can be sent to whoever has to do with it.
    private void CallAPerson(MoneyInboxEntry entry)
    {
        switch (entry.Problem)
        {
            case InboxProblems.WrongAmount:
                LogWrongAmount(_logger, entry.OrderId, entry.Provider, entry.TransactionId);
                break;
            case InboxProblems.SecondPayment:
                LogSecondPayment(_logger, entry.OrderId, entry.Provider, entry.TransactionId);
                break;
            default:
                LogTransactionUsed(_logger, entry.OrderId, entry.Provider, entry.TransactionId);
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

    [LoggerMessage(106, LogLevel.Error, "ALARM the buyer of order {OrderId} disputes the payment at {Provider} ({Code})")]
    private static partial void LogDisputed(ILogger logger, Guid orderId, string provider, string? code);

    [LoggerMessage(107, LogLevel.Information, "Money went back: order {OrderId}, {Amount} (refund {RefundId})")]
    private static partial void LogRefunded(ILogger logger, Guid orderId, Money amount, string refundId);

    [LoggerMessage(102, LogLevel.Information, "IDEMPOTENCY: Transaction {TransactionId} already processed (order {OrderId})")]
    private static partial void LogDuplicate(ILogger logger, string transactionId, Guid? orderId);
}
