using System.Collections.Concurrent;
using LongPoll.Server.Bus;
using LongPoll.Server.Hosting;
using LongPoll.Server.Payments;
using Microsoft.Extensions.Options;

namespace LongPoll.Server.Waiting;

/// <summary>Who waits on this node, by order. Hears the bus and wakes them.</summary>
internal sealed partial class Waiters : IStatusListener
{
    /// <summary>A subscription takes a fraction of a millisecond; past this the sweep covers the waiter.</summary>
    private static readonly TimeSpan SubscribeLimit = TimeSpan.FromMilliseconds(500);

    /// <summary>
    /// So long a subscription outlives its last page, and at most twice as long: one that comes straight back finds it, this node's own news are
    /// still heard from the bus as everybody's, and those that end in the same moment end in one go.
    /// </summary>
    private static readonly TimeSpan Linger = TimeSpan.FromMilliseconds(100);

    /// <summary>
    /// Subscriptions that one sweep makes again: each has a second, and the bus is not to be found silent because of them. Who is left is looked at, and asks
    /// the next time.
    /// </summary>
    internal const int MostSubscribedAtOnce = 5000;

    /// <summary>Timers are no finer than this; where more waiters are let go, several go together.</summary>
    private static readonly TimeSpan ShortestPause = TimeSpan.FromMilliseconds(5);

    private readonly ConcurrentDictionary<Guid, WaitedOrder> _orders = new();
    private readonly IStatusBus _bus;
    private readonly LongPollOptions _options;
    private readonly TimeProvider _clock;
    private readonly WaitMetrics _metrics;
    private readonly ILogger<Waiters> _logger;
    private readonly ConcurrentQueue<Guid> _hints = new();
    private readonly ConcurrentQueue<WaitedOrder> _deserted = new();
    private int _ending;
    private bool _missed;
    private volatile bool _draining;
    private int _count;

    public Waiters(IStatusBus bus, IOptions<LongPollOptions> options, TimeProvider clock, WaitMetrics metrics, ILogger<Waiters> logger)
    {
        (_bus, _options, _clock, _metrics, _logger) = (bus, options.Value, clock, metrics, logger);
        bus.Listen(this);
    }

    /// <summary>Waiters parked or about to be, on this node.</summary>
    public int Count => _count;

    /// <summary>Of these, those that have read and now do nothing but wait; what a test must know before it makes something happen.</summary>
    internal int Armed => _orders.Values.Sum(o => o.Armed);

    public bool Draining => _draining;

    /// <summary>Takes a place, and completes when the order's subscription is confirmed, or late. Null: joined; else why not.</summary>
    public async ValueTask<WaitEnding?> JoinAsync(Waiter waiter)
    {
        if (_draining)
        {
            return WaitEnding.NodeFull;
        }

        if (waiter.Counts && Interlocked.Increment(ref _count) > _options.MaxWaiters)
        {
            Interlocked.Decrement(ref _count);
            return WaitEnding.NodeFull;
        }

        Task? subscribed;
        while (!_orders.GetOrAdd(waiter.OrderId, static (id, bus) => new WaitedOrder(id, bus), _bus).TryJoin(waiter, _options.MaxWaitersPerOrder, out subscribed))
        {
            if (subscribed is null)
            {
                Interlocked.Decrement(ref _count);
                return WaitEnding.OrderFull;
            }

            // The object we got was just retired: its owner is taking it out of the dictionary.
            await Task.Yield();
        }

        if (waiter.Counts)
        {
            _metrics.Joined();
        }

        // A drain that began meanwhile may have passed this waiter by. One that begins from here on finds it, and lets it go in its turn.
        Interlocked.MemoryBarrier();
        if (_draining)
        {
            waiter.End(WaitEnding.Draining);
        }

        if (!subscribed!.IsCompletedSuccessfully)
        {
            try
            {
                await subscribed.WaitAsync(SubscribeLimit, _clock);
            }
            catch (Exception e)
            {
                waiter.Place?.Doubt();
                LogSubscriptionLate(_logger, waiter.OrderId, e.GetType().Name);
            }
        }

        return null;
    }

    /// <summary>Gives the place back at once; the subscription ends behind the caller's back.</summary>
    public void Leave(Waiter waiter)
    {
        waiter.Forget();
        if (waiter.Place is not { } place)
        {
            return;
        }

        if (waiter.Counts)
        {
            Interlocked.Decrement(ref _count);
            _metrics.Left();
        }

        if (place.Leave(waiter))
        {
            _deserted.Enqueue(place);
            if (Interlocked.Exchange(ref _ending, 1) == 0)
            {
                // It is about many pages, and no part of what any of them did.
                using (ExecutionContext.SuppressFlow())
                {
                    _ = EndDesertedAsync();
                }
            }
        }
    }

    public void Deliver(OrderSnapshot snapshot, bool onThisThread = false)
    {
        if (_orders.TryGetValue(snapshot.OrderId, out var order))
        {
            // What the bus brings back of this node's own news is not news.
            var (news, alone) = order.Deliver(snapshot, onThisThread);
            if (news > 0)
            {
                LogDelivered(_logger, _bus.Name, news, snapshot.OrderId, snapshot.Version);
            }

            if (alone is not null)
            {
                LentThread.Tell(alone);
            }
        }
    }

    public void Hint(Guid orderId) => _hints.Enqueue(orderId);

    public void MayHaveMissed() => Volatile.Write(ref _missed, true);

    public void SubscriptionsLost()
    {
        foreach (var (_, order) in _orders)
        {
            order.LoseSubscription();
        }
    }

    /// <summary>
    /// What the next sweep must ask about: everything when messages may be getting lost, else hinted orders, those
    /// whose subscription is not confirmed or was not when a sweep last looked, and those of which a waiter has seen nothing yet.
    /// </summary>
    public IReadOnlyList<AnnouncedVersion> TakeDoubtful()
    {
        // In this order: the bus says that messages may have been missed before it is believed again.
        var reliable = _bus.Reliable;
        var everything = !reliable;
        everything |= Interlocked.Exchange(ref _missed, false);
        var hinted = new HashSet<Guid>();
        while (_hints.TryDequeue(out var orderId))
        {
            hinted.Add(orderId);
        }

        var doubtful = new List<AnnouncedVersion>();
        var maySubscribe = reliable ? MostSubscribedAtOnce : 0;
        foreach (var (orderId, order) in _orders)
        {
            var doubted = order.TakeDoubt(ref maySubscribe);
            if ((everything || doubted || order.HasBlindWaiter || hinted.Contains(orderId)) && order.SeenVersion is var seen and < long.MaxValue)
            {
                doubtful.Add(new AnnouncedVersion(orderId, seen));
            }
        }

        return doubtful;
    }

    /// <summary>Refuses new waiters from here on, and lets those that are parked go, spread evenly over the time given.</summary>
    public async Task DrainAsync(TimeSpan over, CancellationToken cancel)
    {
        _draining = true;
        Interlocked.MemoryBarrier();

        // One by one, also where many wait for the same order: what is released together comes back together.
        var parked = _orders.Values.SelectMany(order => order.Parked.Select(waiter => (order, waiter))).ToArray();
        if (parked.Length == 0)
        {
            return;
        }

        LogDraining(_logger, parked.Length, _orders.Count, over.TotalSeconds);
        // What is left of the time is dealt out anew at each step: a stall must not end in a burst.
        var began = _clock.GetTimestamp();
        for (var next = 0; next < parked.Length && _count > 0;)
        {
            var share = (over - _clock.GetElapsedTime(began)) / (parked.Length - next);
            var together = share <= TimeSpan.Zero ? parked.Length - next : Math.Max(1, (int)Math.Ceiling(ShortestPause / share));
            foreach (var (order, waiter) in parked.AsSpan(next, Math.Min(together, parked.Length - next)))
            {
                order.Release(waiter);
            }

            next += together;
            if (next < parked.Length && !cancel.IsCancellationRequested)
            {
                await Task.Delay(share * together, _clock, cancel).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async Task EndDesertedAsync()
    {
        do
        {
            // Those that are deserted meanwhile are for the next round.
            var due = _deserted.Count;
            await Task.Delay(Linger, _clock);
            for (; due > 0 && _deserted.TryDequeue(out var order); due--)
            {
                _ = EndAsync(order);
            }
        }
        while (!MayStop());

        // Whoever comes after this sees that nobody is at it, or is seen here.
        bool MayStop()
        {
            Volatile.Write(ref _ending, 0);
            Interlocked.MemoryBarrier();
            return _deserted.IsEmpty || Interlocked.Exchange(ref _ending, 1) == 1;
        }
    }

    private async Task EndAsync(WaitedOrder order)
    {
        if (await order.EndAsync())
        {
            _orders.TryRemove(new KeyValuePair<Guid, WaitedOrder>(order.OrderId, order));
        }
    }

    [LoggerMessage(600, LogLevel.Warning, "Subscription to order {OrderId} is late, the sweep covers it: {Error}")]
    private static partial void LogSubscriptionLate(ILogger logger, Guid orderId, string error);

    [LoggerMessage(601, LogLevel.Information, "{Bus} notification sent to all waiting clients ({Count} of order {OrderId}, version {Version})")]
    private static partial void LogDelivered(ILogger logger, string bus, int count, Guid orderId, long version);

    [LoggerMessage(602, LogLevel.Information, "Draining: {Count} parked requests of {Orders} orders are let go over {Seconds} s")]
    private static partial void LogDraining(ILogger logger, int count, int orders, double seconds);
}
