using System.Data.Common;
using LongPoll.Server.Jobs;
using LongPoll.Server.Payments;

namespace LongPoll.Server.Links;

/// <summary>
/// Open links whose time is over become expired. Their orders need no more than that: none can be paid longer than its link, and
/// reconciling ends them as every order, asked about and announced.
/// </summary>
internal sealed partial class ExpiredLinks(ILinkStore store, LinkOrders orders, TimeProvider clock, ILogger<ExpiredLinks> logger) : IJob
{
    private const int AtOnce = 500;

    public string Name => "expired-links";

    public async Task RunAsync(CancellationToken cancel)
    {
        for (var closed = AtOnce; closed == AtOnce;)
        {
            (closed, var expired) = await store.CloseOverdueLinksAsync(clock.GetUtcTimestamp(), AtOnce, cancel);
            foreach (var linkId in expired)
            {
                LogExpired(logger, linkId);
                try
                {
                    await orders.CloseAsync(linkId, cancel);
                }
                catch (Exception e) when (e is DbException or TimeoutException)
                {
                    // The link is closed, its orders expire by themselves; the other links have their turn.
                    LogLater(logger, linkId, e.GetType().Name);
                }
            }
        }

        LogCompleted(logger);
    }

    [LoggerMessage(1310, LogLevel.Information, "Payment link expired: {LinkId}")]
    private static partial void LogExpired(ILogger logger, Guid linkId);

    [LoggerMessage(1313, LogLevel.Warning, "The orders of expired payment link {LinkId} could not be told at once: {Error}")]
    private static partial void LogLater(ILogger logger, Guid linkId, string error);

    [LoggerMessage(1311, LogLevel.Information, "Expired links job completed")]
    private static partial void LogCompleted(ILogger logger);
}
