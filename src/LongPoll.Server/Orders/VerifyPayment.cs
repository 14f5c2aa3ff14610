using LongPoll.Server.Payments;
using LongPoll.Server.Providers;

namespace LongPoll.Server.Orders;

/// <summary>
/// Asks the provider now about every attempt of an order that may have money, one question at a time per order,
/// however many pages ask. The fallback when no callback came, so it is logged as a warning.
/// </summary>
internal sealed partial class VerifyPayment(IOrderStore store, AskProvider ask, ILogger<VerifyPayment> logger)
{
    private readonly SingleFlight<Guid, Order?> _flights = new();

    /// <summary>The order as it stands afterwards; null when there is none.</summary>
    public Task<Order?> HandleAsync(Guid orderId, CancellationToken cancel) =>
        _flights.RunAsync(orderId, () => VerifyAsync(orderId)).WaitAsync(cancel);

    private async Task<Order?> VerifyAsync(Guid orderId)
    {
        if (await store.FindWithAttemptsAsync(orderId, CancellationToken.None) is not { } found)
        {
            return null;
        }

        LogFallback(logger, orderId);
        foreach (var attempt in found.Attempts.Where(a => a.State != AttemptState.Paid))
        {
            await ask.AskInTurnAsync(attempt, ReportSource.Verification, CancellationToken.None);
        }

        return await store.FindOrderAsync(orderId, CancellationToken.None);
    }

    [LoggerMessage(520, LogLevel.Warning, "Using fallback verification for order {OrderId}")]
    private static partial void LogFallback(ILogger logger, Guid orderId);
}
