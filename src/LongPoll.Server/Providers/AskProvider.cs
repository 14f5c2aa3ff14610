using LongPoll.Server.Outbox;
using LongPoll.Server.Payments;

namespace LongPoll.Server.Providers;

/// <summary>
/// Asks a provider what became of an attempt, and takes the answer through the door. A query can confirm a success
/// but never undo one: when the provider denies money that was believed, a person is called.
/// </summary>
internal sealed partial class AskProvider(
    IOrderStore store, IReconcileStore leases, PaymentProviders providers, SettlePayment settle, PaymentMetrics metrics, TimeProvider clock,
    ILogger<AskProvider> logger) : IOutboxHandler
{
    /// <summary>Longer than the longest query with its retries.</summary>
    private static readonly TimeSpan Lease = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(50);

    public string Kind => OutboxMessage.AskProviderKind;

    public async Task<HandlingResult> HandleAsync(OutboxMessage message, CancellationToken cancel)
    {
        var attempts = await store.FindAttemptsAsync(message.OrderId, cancel);
        if (attempts.FirstOrDefault(a => a.AttemptId == message.SubjectId) is not { } attempt)
        {
            return HandlingResult.Completed;
        }

        if (!providers.Get(attempt.Provider).AskRules.CanAsk(attempt))
        {
            // The answer to its push was lost, and with it the reference to ask with. It may be noted late; if not, a person is called.
            return attempt.State == AttemptState.Paid ? HandlingResult.Completed : HandlingResult.TryLater("there is no reference to ask the provider with");
        }

        if (await AskAsync(attempt, ReportSource.Query, cancel) is not { } settlement)
        {
            return HandlingResult.TryLater("no answer from the provider");
        }

        return settlement.Report.Outcome == ReportedOutcome.Pending || settlement.Result == SettlementResult.Unconfirmed
            ? HandlingResult.TryLater("the provider is not sure yet")
            : HandlingResult.Completed;
    }

    /// <summary>
    /// Null when the provider gave no usable answer, or somebody else is asking it about this attempt, here or on
    /// another node; nothing changed then.
    /// </summary>
    public async Task<Settlement?> AskAsync(Attempt attempt, ReportSource source, CancellationToken cancel) =>
        await TryLeaseAsync(attempt, cancel) ? await AskAloneAsync(attempt, source, cancel) : null;

    /// <summary>
    /// As <see cref="AskAsync"/>, but where somebody else is asking, waits for its turn: an answer to a question that was
    /// asked before this call may be an old one.
    /// </summary>
    public async Task<Settlement?> AskInTurnAsync(Attempt attempt, ReportSource source, CancellationToken cancel)
    {
        var began = clock.GetTimestamp();
        while (!await TryLeaseAsync(attempt, cancel))
        {
            if (clock.GetElapsedTime(began) > LongestWait)
            {
                return null;
            }

            await Task.Delay(LookEvery, clock, cancel);
        }

        return await AskAloneAsync(attempt, source, cancel);
    }

    /// <summary>As <see cref="AskAsync"/>, for who has the right to ask already and gives it back.</summary>
    public Task<Settlement?> AskClaimedAsync(Attempt attempt, ReportSource source, CancellationToken cancel) => QueryAsync(attempt, source, cancel);

    private Task<bool> TryLeaseAsync(Attempt attempt, CancellationToken cancel)
    {
        var now = clock.GetUtcTimestamp();
        return leases.TryLeaseAskAsync(attempt.AttemptId, now, now + Lease, cancel);
    }

    private async Task<Settlement?> AskAloneAsync(Attempt attempt, ReportSource source, CancellationToken cancel)
    {
        try
        {
            return await QueryAsync(attempt, source, cancel);
        }
        finally
        {
            await leases.ReleaseAskAsync(attempt.AttemptId, CancellationToken.None);
        }
    }

    private async Task<Settlement?> QueryAsync(Attempt attempt, ReportSource source, CancellationToken cancel)
    {
        if (await providers.Get(attempt.Provider).QueryAsync(attempt, source, cancel) is not { } report)
        {
            return null;
        }

        if (attempt.State == AttemptState.Paid && report.Outcome is ReportedOutcome.Failed or ReportedOutcome.Cancelled or ReportedOutcome.Expired)
        {
            LogDenied(logger, attempt.Provider, attempt.OrderId, attempt.TransactionId);
            metrics.Alarm("provider_denies_payment");
        }

        return await settle.HandleAsync(report, cancel);
    }

    [LoggerMessage(310, LogLevel.Error, "ALARM {Provider} denies a payment that was believed: order {OrderId}, transaction {TransactionId}")]
    private static partial void LogDenied(ILogger logger, string provider, Guid orderId, string? transactionId);
}
