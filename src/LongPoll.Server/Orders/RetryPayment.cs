using LongPoll.Server.Payments;
using LongPoll.Server.Providers;

namespace LongPoll.Server.Orders;

/// <summary>Try again: a new attempt for an order that ended unpaid, when no earlier attempt can still succeed.</summary>
internal sealed partial class RetryPayment(
    IOrderStore store, PaymentProviders providers, ChargeBuyer charge, Announcements announcements, TimeProvider clock, ILogger<RetryPayment> logger)
{
    /// <summary>No order: there is none. <see cref="OpenOutcome.Clash"/>: it may not be tried again, or somebody else moved it meanwhile.</summary>
    public async Task<(OpenOutcome Outcome, Order? Order)> HandleAsync(Guid orderId, CancellationToken cancel)
    {
        if (await store.FindWithAttemptsAsync(orderId, cancel) is not var (before, attempts))
        {
            return (OpenOutcome.Clash, null);
        }

        if (!before.SafeToRetry || attempts.Any(a => a.CanStillSucceed))
        {
            return (OpenOutcome.Clash, before);
        }

        var now = clock.GetUtcTimestamp();
        var link = before.LinkId is null ? null : await store.FindLinkTermsAsync(orderId, cancel);
        if (link?.LetsPay(now) is false)
        {
            return (OpenOutcome.Clash, before);
        }

        var attempt = Attempts.Draw(before, Guid.CreateVersion7(), attempts.Max(a => a.Number) + 1, providers.Get(before.Provider).AskRules, now);
        var after = before with
        {
            PaymentStatus = PaymentStatus.Processing,
            Reason = null,
            CheckoutUrl = null,
            SafeToRetry = false,
            CurrentAttemptId = attempt.AttemptId,
            Version = before.Version + 1,
            UpdatedAt = now,

            // A new attempt must have time to be paid, as far as its payment link has time.
            ExpiresAt = Clock.Earlier(Clock.Later(before.ExpiresAt, now + OrderRules.DefaultLifetime), link?.ExpiresAt ?? DateTime.MaxValue),
        };
        var orderEvent = new OrderEvent(
            Guid.CreateVersion7(), orderId, attempt.AttemptId, after.Version, before.PaymentStatus, after.PaymentStatus,
            attempt.State, ReportSource.Buyer, Code: null, now);
        var outcome = await store.OpenAttemptAsync(before, after, attempt, orderEvent, CreateOrder.PromptLimit, cancel);
        if (outcome != OpenOutcome.Opened)
        {
            return (outcome, before);
        }

        LogRetried(logger, orderId, attempt.Number);
        announcements.Post(after);
        return (outcome, await charge.HandleAsync(after, attempt));
    }

    [LoggerMessage(510, LogLevel.Information, "Order {OrderId} is tried again, attempt {Attempt}")]
    private static partial void LogRetried(ILogger logger, Guid orderId, int attempt);
}
