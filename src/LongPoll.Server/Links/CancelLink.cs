using System.Data.Common;
using LongPoll.Server.Payments;
using LongPoll.Server.Providers;

namespace LongPoll.Server.Links;

/// <summary>
/// Takes a link back. A page of the provider's is closed at once; a prompt on a phone cannot be, so its order ends the usual way
/// when it can no longer be paid. Money that comes all the same pays the link.
/// </summary>
internal sealed partial class CancelLink(
    ILinkStore links, LinkOrders closing, IOrderStore orders, PaymentProviders providers, SettlePayment settle, TimeProvider clock, ILogger<CancelLink> logger)
{
    /// <summary>False when the link is not open, or is paid.</summary>
    public async Task<bool> HandleAsync(Guid linkId, CancellationToken cancel)
    {
        if (!await links.CancelLinkAsync(linkId, clock.GetUtcTimestamp(), cancel))
        {
            return false;
        }

        LogCanceled(logger, linkId);
        try
        {
            foreach (var order in (await closing.CloseAsync(linkId, CancellationToken.None)).Where(o => !o.Settled))
            {
                await TakeBackAsync(order);
            }
        }
        catch (Exception e) when (e is DbException or TimeoutException)
        {
            LogLater(logger, linkId, e.GetType().Name);
        }

        return true;
    }

    // What the provider has not answered for yet is left to reconciling: it may still be on its way.
    private async Task TakeBackAsync(Order order)
    {
        foreach (var attempt in (await orders.FindAttemptsAsync(order.OrderId, CancellationToken.None)).Where(a => a.State == AttemptState.Prompted))
        {
            if (await providers.Get(attempt.Provider).CloseAsync(attempt, CancellationToken.None) is { } closed)
            {
                await settle.HandleAsync(closed, CancellationToken.None);
            }
        }
    }

    [LoggerMessage(1302, LogLevel.Information, "Payment link canceled: {LinkId}")]
    private static partial void LogCanceled(ILogger logger, Guid linkId);

    [LoggerMessage(1303, LogLevel.Warning, "Payment link {LinkId} is canceled, but what was being paid could not be taken back at once: {Error}")]
    private static partial void LogLater(ILogger logger, Guid linkId, string error);
}
