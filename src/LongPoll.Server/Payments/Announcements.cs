using System.Threading.Channels;
using LongPoll.Server.Bus;

namespace LongPoll.Server.Payments;

/// <summary>
/// Tells the bus what was committed, and the store what the bus was told. Nobody waits for the bus here: what a
/// node did not get round to saying, because it died or because Redis was away, any node says from the database
/// within a second, with the row as it stands then.
/// </summary>
internal sealed partial class Announcements(IStatusBus bus, IOrderStore store, TimeProvider clock, ILogger<Announcements> logger)
    : BackgroundService
{
    /// <summary>Younger changes are left to the node that made them: it is about to speak.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromMilliseconds(400);
    private static readonly TimeSpan SweepEvery = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan MarkEvery = TimeSpan.FromMilliseconds(100);
    private const int SweepAtMost = 500;
    private const int MarkAtMost = 1000;

    // Lost marks cost no more than a repeated message, so a full channel may drop the oldest.
    private readonly Channel<AnnouncedVersion> _announced = Channel.CreateBounded<AnnouncedVersion>(
        new BoundedChannelOptions(100_000) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true });

    /// <summary>Announces a committed order, without waiting for it.</summary>
    public void Post(Order order) => _ = SayAsync(order, CancellationToken.None);

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.WhenAll(SweepAsync(stoppingToken), MarkAsync(stoppingToken));

    private async Task<bool> SayAsync(Order order, CancellationToken cancel)
    {
        try
        {
            await bus.AnnounceAsync(OrderSnapshot.Of(order), cancel);
            _announced.Writer.TryWrite(new AnnouncedVersion(order.OrderId, order.Version));
            LogPublished(logger, order.OrderId, Names.Of(order.PaymentStatus));
            return true;
        }
        catch (Exception e)
        {
            LogOwed(logger, order.OrderId, order.Version, e.GetType().Name);
            return false;
        }
    }

    private async Task SweepAsync(CancellationToken stop)
    {
        using var timer = new PeriodicTimer(SweepEvery, clock);
        while (await timer.NextTickAsync(stop))
        {
            try
            {
                var owed = await store.FindOwedAnnouncementsAsync(clock.GetUtcTimestamp() - Grace, SweepAtMost, stop);
                foreach (var order in owed)
                {
                    // When the bus is away there is no use in trying the rest; one order alone may have its own trouble.
                    if (!await SayAsync(order, stop) && !bus.Reliable)
                    {
                        break;
                    }
                }
            }
            catch (Exception e) when (e is not OperationCanceledException || !stop.IsCancellationRequested)
            {
                LogSweepFailed(logger, e.GetType().Name);
            }
        }
    }

    private async Task MarkAsync(CancellationToken stop)
    {
        using var timer = new PeriodicTimer(MarkEvery, clock);
        var batch = new Dictionary<Guid, long>();
        while (await timer.NextTickAsync(stop))
        {
            while (batch.Count < MarkAtMost && _announced.Reader.TryRead(out var said))
            {
                batch[said.OrderId] = Math.Max(said.Version, batch.GetValueOrDefault(said.OrderId));
            }

            if (batch.Count == 0)
            {
                continue;
            }

            try
            {
                await store.MarkAnnouncedAsync([.. batch.Select(b => new AnnouncedVersion(b.Key, b.Value))], stop);
                batch.Clear();
            }
            catch (Exception e) when (e is not OperationCanceledException || !stop.IsCancellationRequested)
            {
                LogMarkFailed(logger, batch.Count, e.GetType().Name);
            }
        }
    }

    [LoggerMessage(110, LogLevel.Information, "Order status notification published: {OrderId} ({Status})")]
    private static partial void LogPublished(ILogger logger, Guid orderId, string status);

    [LoggerMessage(111, LogLevel.Warning, "Announcement of order {OrderId} version {Version} is owed: {Error}")]
    private static partial void LogOwed(ILogger logger, Guid orderId, long version, string error);

    [LoggerMessage(112, LogLevel.Warning, "Owed announcements could not be looked up: {Error}")]
    private static partial void LogSweepFailed(ILogger logger, string error);

    [LoggerMessage(113, LogLevel.Warning, "{Count} announcements could not be noted, will be again: {Error}")]
    private static partial void LogMarkFailed(ILogger logger, int count, string error);
}

/// <summary>Periodic timers that end quietly.</summary>
internal static class PeriodicTimerExtensions
{
    /// <summary>False when it is time to stop, where the timer itself would throw.</summary>
    public static async ValueTask<bool> NextTickAsync(this PeriodicTimer timer, CancellationToken stop)
    {
        try
        {
            return await timer.WaitForNextTickAsync(stop);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }
}
