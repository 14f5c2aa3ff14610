using LongPoll.Server.Payments;
using LongPoll.Server.Providers;

namespace LongPoll.Server.Callbacks;

/// <summary>
/// A callback can overtake the answer to the push that brings its ids. It is kept, and taken through the door
/// as soon as an attempt fits it, for a day; after that its money goes to the money inbox.
/// </summary>
internal sealed partial class MatchCallbacks(
    IOrderStore store, PaymentProviders providers, SettlePayment settle, PaymentMetrics metrics, TimeProvider clock, ILogger<MatchCallbacks> logger)
    : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan For = TimeSpan.FromHours(24);
    private const int AtOnce = 100;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Every, clock);
        while (await timer.NextTickAsync(stoppingToken))
        {
            try
            {
                await SweepAsync(stoppingToken);
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                LogSweepFailed(logger, e.GetType().Name);
            }
        }
    }

    internal async Task SweepAsync(CancellationToken cancel)
    {
        var dayAgo = clock.GetUtcTimestamp() - For;
        foreach (var raw in await store.FindRipeCallbacksAsync(dayAgo, AtOnce, cancel))
        {
            await EachAsync(raw, raw.ReceivedAt > dayAgo ? MatchAsync : GiveUpAsync, cancel);
        }
    }

    // One that fails must not keep back those behind it.
    private async Task EachAsync(RawCallback raw, Func<RawCallback, CancellationToken, Task> work, CancellationToken cancel)
    {
        try
        {
            await work(raw, cancel);
        }
        catch (Exception e) when (!cancel.IsCancellationRequested)
        {
            LogSweepFailed(logger, e.GetType().Name);
        }
    }

    private async Task MatchAsync(RawCallback raw, CancellationToken cancel)
    {
        if (providers.Get(raw.Provider).Read(raw.Body).Report is { } report)
        {
            var settlement = await settle.HandleAsync(report with { Raw = raw }, cancel);
            LogMatched(logger, raw.Provider, Names.Of(settlement.Result), settlement.Current?.OrderId);
        }
    }

    private async Task GiveUpAsync(RawCallback raw, CancellationToken cancel)
    {
        var report = providers.Get(raw.Provider).Read(raw.Body).Report;
        if (report is not { Outcome: ReportedOutcome.Paid })
        {
            await store.CloseCallbackAsync(raw.CallbackId, Names.Of(SettlementResult.Ignored), entry: null, cancel);
            return;
        }

        // A claim without a receipt is kept too, under the name of its callback: what says money is never dropped.
        var transactionId = report.TransactionId ?? $"callback:{raw.CallbackId:D}";

        // No attempt says in which currency; what was claimed stands in the raw callback.
        var amount = report is { Amount: { } claimed, Currency: { } currency } ? Money.FromMajor(claimed, currency.ToUpperInvariant()) : null;
        var entry = new MoneyInboxEntry(
            Guid.CreateVersion7(), OrderId: null, AttemptId: null, raw.Provider, transactionId, amount, InboxProblems.UnknownAttempt, clock.GetUtcTimestamp());
        if (await store.CloseCallbackAsync(raw.CallbackId, Names.Of(SettlementResult.Review), entry, cancel))
        {
            LogGivenUp(logger, raw.Provider, transactionId);
            metrics.Alarm(entry.Problem);
        }
    }

    [LoggerMessage(410, LogLevel.Information, "An early {Provider} callback found its attempt: {Result} (order {OrderId})")]
    private static partial void LogMatched(ILogger logger, string provider, string result, Guid? orderId);

    [LoggerMessage(412, LogLevel.Error, "ALARM money that nobody asked for: {Provider} transaction {TransactionId} fitted no attempt for a day and is in the money inbox")]
    private static partial void LogGivenUp(ILogger logger, string provider, string transactionId);

    [LoggerMessage(411, LogLevel.Warning, "Early callbacks could not be matched: {Error}")]
    private static partial void LogSweepFailed(ILogger logger, string error);
}
