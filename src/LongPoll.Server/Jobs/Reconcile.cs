using LongPoll.Server.Payments;
using LongPoll.Server.Providers;

namespace LongPoll.Server.Jobs;

/// <summary>
/// Asks providers about attempts that went silent, each on its provider's own schedule and by one node at a time, and lets
/// what is over expire. A query can confirm a success; it can never undo one, and an unknown answer changes nothing.
/// </summary>
internal sealed partial class Reconcile(
    IReconcileStore store, PaymentProviders providers, AskProvider ask, SettlePayment settle, PaymentMetrics metrics, TimeProvider clock, ILogger<Reconcile> logger)
    : BackgroundService, IJob
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(1);

    /// <summary>Longer than the longest query with its retries.</summary>
    private static readonly TimeSpan Lease = TimeSpan.FromMinutes(1);
    private const int AtOnce = 32;

    private int _asking;

    public string Name => "reconcile";

    /// <summary>Asks about everything that is due now.</summary>
    async Task IJob.RunAsync(CancellationToken cancel)
    {
        while (await RunAsync(cancel) == AtOnce)
        {
            // A backlog is worked off without a pause.
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var rounds = new List<Task>();
        using var timer = new PeriodicTimer(Every, clock);
        while (await timer.NextTickAsync(stoppingToken))
        {
            // A provider that hangs holds up what it is asked about: other attempts have their turn beside it.
            rounds.RemoveAll(static round => round.IsCompleted);
            rounds.Add(RoundAsync(stoppingToken));
        }

        await Task.WhenAll(rounds);
    }

    private async Task RoundAsync(CancellationToken stop)
    {
        try
        {
            int places;
            do
            {
                places = AtOnce - Volatile.Read(ref _asking);
            }
            while (places > 0 && await RunAsync(places, stop) == places);
        }
        catch (Exception e) when (!stop.IsCancellationRequested)
        {
            LogFailed(logger, e.GetType().Name);
        }
        catch (OperationCanceledException)
        {
            // The node stops; what it had in hand is asked about when its leases are over.
        }
    }

    /// <summary>Asks about what is due, at most <see cref="AtOnce"/> attempts, and tells how many there were.</summary>
    internal Task<int> RunAsync(CancellationToken cancel) => RunAsync(AtOnce, cancel);

    private async Task<int> RunAsync(int atMost, CancellationToken cancel)
    {
        var now = clock.GetUtcTimestamp();
        var due = await store.ClaimSilentAttemptsAsync(now, now + Lease, AskRules.ConfirmAfter, atMost, cancel);
        Interlocked.Add(ref _asking, due.Count);
        List<Task<NextAsk?>> asking = [.. due.Select(silent => AskAsync(silent, cancel))];
        while (asking.Count > 0)
        {
            // What ends together is noted together; nobody's note waits for another's provider.
            await Task.WhenAny(asking);
            var ended = asking.FindAll(static t => t.IsCompleted);
            asking.RemoveAll(ended.Contains);
            Interlocked.Add(ref _asking, -ended.Count);
            await NoteAsync([.. (await Task.WhenAll(ended)).OfType<NextAsk>()], cancel);
        }

        return due.Count;
    }

    private async Task NoteAsync(NextAsk[] next, CancellationToken cancel)
    {
        try
        {
            if (next.Length > 0)
            {
                await store.ScheduleAsksAsync(next, cancel);
            }
        }
        catch (Exception e) when (!cancel.IsCancellationRequested)
        {
            // These are asked again when their leases run out; the others' answers are still to be noted.
            LogFailed(logger, e.GetType().Name);
        }
    }

    /// <summary>Asks about an attempt, and tells when to do so next; null when that went wrong.</summary>
    private async Task<NextAsk?> AskAsync(SilentAttempt silent, CancellationToken cancel)
    {
        try
        {
            var attempt = silent.Attempt;
            var provider = providers.Get(attempt.Provider);
            var rules = provider.AskRules;
            var settlement = await ask.AskClaimedAsync(attempt, ReportSource.Query, cancel);
            attempt = settlement?.Attempt ?? attempt;
            var now = clock.GetUtcTimestamp();
            if (Expiry.IsDue(attempt, silent.OrderExpiresAt, now) && await provider.CloseAsync(attempt, cancel) is { } closed)
            {
                settlement = await settle.HandleAsync(closed, cancel);
                attempt = settlement.Attempt ?? attempt;
            }

            if (attempt.State == AttemptState.Paid && settlement is { Report.Outcome: not ReportedOutcome.Pending, Result: not SettlementResult.Unconfirmed })
            {
                // The provider has spoken about its money; where it denied it, somebody has been called.
                return new NextAsk(attempt.OrderId, attempt.AttemptId, At: null);
            }

            if (settlement is { Report.Outcome: ReportedOutcome.Paid, Result: SettlementResult.Unconfirmed or SettlementResult.Review, Current.PaymentStatus: not PaymentStatus.Completed })
            {
                // The provider says that there is money, yet not enough to believe it: nothing expires over that.
                LogUnbelieved(logger, attempt.Provider, attempt.OrderId, Names.Of(settlement.Result));
                metrics.Alarm("provider_claims_unproven_payment");
            }
            else if (Expiry.Decide(attempt, silent.OrderExpiresAt, answered: settlement is not null, rules, now) is { } report)
            {
                LogExpired(logger, attempt.OrderId, attempt.Number, report.Code);
                attempt = (await settle.HandleAsync(report, cancel)).Attempt ?? attempt;
            }

            var next = Expiry.NextAsk(attempt, silent.OrderExpiresAt, rules, now);
            if (next is null && attempt.State == AttemptState.Paid && rules.CanAsk(attempt))
            {
                LogNeverConfirmed(logger, attempt.Provider, attempt.OrderId, attempt.TransactionId);
                metrics.Alarm("payment_never_confirmed");
            }

            return new NextAsk(attempt.OrderId, attempt.AttemptId, next);
        }
        catch (Exception e) when (!cancel.IsCancellationRequested)
        {
            // The lease runs out and the attempt is asked about again.
            LogFailed(logger, e.GetType().Name);
            return null;
        }
    }

    [LoggerMessage(1000, LogLevel.Warning, "Reconciling failed, will be tried again: {Error}")]
    private static partial void LogFailed(ILogger logger, string error);

    [LoggerMessage(1002, LogLevel.Error, "ALARM {Provider} says that order {OrderId} is paid, but not so that it can be believed: {Result}")]
    private static partial void LogUnbelieved(ILogger logger, string provider, Guid orderId, string result);

    [LoggerMessage(1003, LogLevel.Error, "ALARM {Provider} never confirmed a payment that was believed: order {OrderId}, transaction {TransactionId}")]
    private static partial void LogNeverConfirmed(ILogger logger, string provider, Guid orderId, string? transactionId);

    [LoggerMessage(1001, LogLevel.Information, "Attempt {Attempt} of order {OrderId} is over ({How})")]
    private static partial void LogExpired(ILogger logger, Guid orderId, int attempt, string? how);
}
