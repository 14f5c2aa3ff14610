using System.Threading.Channels;
using LongPoll.Server.Bus;

namespace LongPoll.Server.Payments;

/// <summary>
/// Tells who waits here and the bus what was committed, and the store what the bus was told. Nobody waits for the bus here: what
/// a node did not get round to saying, because it died or because Redis was away, any node says from the database
/// within a second, with the row as it stands then.
/// </summary>
internal sealed partial class Announcements(
    IStatusBus bus, IStatusListener here, IOrderStore store, TimeProvider clock, ILogger<Announcements> logger) : BackgroundService
{
    // Together below a second: that long after its commit a change is announced at the latest, by whichever node.
    private static readonly TimeSpan RoundEvery = TimeSpan.FromMilliseconds(400);

    /// <summary>
    /// Younger changes are left to the node that made them: it is about to speak, or has spoken and will note that with
    /// its next round.
    /// </summary>
    private static readonly TimeSpan Grace = TimeSpan.FromMilliseconds(550);
    private const int MakeUpAtMost = 500;
    private const int NoteAtMost = 1000;

    // Lost marks cost no more than a repeated message, so a full channel may drop the oldest.
    private readonly Channel<AnnouncedVersion> _announced = Channel.CreateBounded<AnnouncedVersion>(
        new BoundedChannelOptions(100_000) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true });

    /// <summary>
    /// Announces a committed order, without waiting for it. The pages of this node need not wait for the way to Redis and back;
    /// what comes back from there they have seen already. A page that waits alone may be answered <paramref name="onThisThread"/>:
    /// for whoever has nothing more urgent to do.
    /// </summary>
    public void Post(Order order, bool onThisThread = false)
    {
        var snapshot = OrderSnapshot.Of(order);
        here.Deliver(snapshot, onThisThread);
        _ = SayAsync(order, snapshot, CancellationToken.None);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(RoundEvery, clock);
        var said = new Dictionary<Guid, long>();
        while (await timer.NextTickAsync(stoppingToken))
        {
            await MakeUpAsync(await NoteAsync(said, stoppingToken), stoppingToken);
        }
    }

    private async Task<bool> SayAsync(Order order, OrderSnapshot snapshot, CancellationToken cancel)
    {
        try
        {
            await bus.AnnounceAsync(snapshot, cancel);
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

    /// <summary>Notes what was said since the last round, and what could not be noted then; what nobody has said comes back.</summary>
    private async Task<IReadOnlyList<Order>> NoteAsync(Dictionary<Guid, long> said, CancellationToken stop)
    {
        while (true)
        {
            Fill(said);
            var last = said.Count < NoteAtMost;
            var owed = await TryNoteAsync([.. said.Select(s => new AnnouncedVersion(s.Key, s.Value))], last ? MakeUpAtMost : 0, stop);
            if (owed is null)
            {
                // Where nothing can be written, what others owe can still be said.
                return (said.Count > 0 ? await TryNoteAsync([], MakeUpAtMost, stop) : null) ?? [];
            }

            said.Clear();
            if (last)
            {
                return owed;
            }
        }
    }

    /// <summary>Null when the store fails.</summary>
    private async Task<IReadOnlyList<Order>?> TryNoteAsync(IReadOnlyCollection<AnnouncedVersion> said, int limit, CancellationToken stop)
    {
        try
        {
            return await store.NoteAnnouncedAsync(said, clock.GetUtcTimestamp() - Grace, limit, stop);
        }
        catch (Exception e) when (e is not OperationCanceledException || !stop.IsCancellationRequested)
        {
            LogNotNoted(logger, said.Count, e.GetType().Name);
            return null;
        }
    }

    /// <summary>Adds what was said meanwhile, as far as it fits.</summary>
    private void Fill(Dictionary<Guid, long> said)
    {
        while (said.Count < NoteAtMost && _announced.Reader.TryRead(out var version))
        {
            said[version.OrderId] = Math.Max(version.Version, said.GetValueOrDefault(version.OrderId));
        }
    }

    /// <summary>Says what nobody has said: because its node died, or because the bus was away.</summary>
    private async Task MakeUpAsync(IReadOnlyList<Order> owed, CancellationToken stop)
    {
        foreach (var order in owed)
        {
            // When the bus is away there is no use in trying the rest; one order alone may have its own trouble.
            if (!await SayAsync(order, OrderSnapshot.Of(order), stop) && !bus.Reliable)
            {
                return;
            }
        }
    }

    [LoggerMessage(110, LogLevel.Information, "Order status notification published: {OrderId} ({Status})")]
    private static partial void LogPublished(ILogger logger, Guid orderId, string status);

    [LoggerMessage(111, LogLevel.Warning, "Announcement of order {OrderId} version {Version} is owed: {Error}")]
    private static partial void LogOwed(ILogger logger, Guid orderId, long version, string error);

    [LoggerMessage(112, LogLevel.Warning, "{Count} announcements could not be noted nor owed ones looked up, will be again: {Error}")]
    private static partial void LogNotNoted(ILogger logger, int count, string error);
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
