using LongPoll.Server.Payments;

namespace LongPoll.Server.Links;

/// <summary>Takes from a link's orders what it no longer lets them do, and tells whoever waits for them.</summary>
internal sealed partial class LinkOrders(ILinkStore store, Announcements announcements, TimeProvider clock, ILogger<LinkOrders> logger)
{
    /// <summary>
    /// The orders that changed. Whoever dies before this was done leaves a Try again that is answered 409, and orders that end at
    /// their own time: nothing that would be paid wrongly.
    /// </summary>
    public async Task<IReadOnlyList<Order>> CloseAsync(Guid linkId, CancellationToken cancel)
    {
        var changed = await store.CloseOrdersAsync(linkId, clock.GetUtcTimestamp(), cancel);
        foreach (var order in changed)
        {
            LogClosed(logger, order.OrderId, linkId);
            announcements.Post(order);
        }

        return changed;
    }

    [LoggerMessage(1301, LogLevel.Information, "Order {OrderId} is over with its payment link {LinkId}")]
    private static partial void LogClosed(ILogger logger, Guid orderId, Guid linkId);
}
