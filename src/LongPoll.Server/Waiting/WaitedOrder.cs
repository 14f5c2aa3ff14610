using LongPoll.Server.Bus;
using LongPoll.Server.Payments;

namespace LongPoll.Server.Waiting;

/// <summary>
/// The waiters of one order on this node, and the one subscription that they share. First in subscribes; when the last one has been
/// out for a moment the subscription is ended. Each step begins when the one before it has ended, so that they never overtake each other.
/// </summary>
internal sealed class WaitedOrder(Guid orderId, IStatusBus bus)
{
    private static readonly Task Lost = Task.FromException(new BusUnavailableException("The subscription is gone with its connection."));

    // Linked through themselves, and guarded by this object itself: nearly always there is one, for which a list or a lock would be a third of all.
    private Waiter? _newest;
    private int _here;
    private int _counted;
    private Task _lastStep = Task.CompletedTask;
    private Task? _subscribed;
    private bool _retired;
    private bool _doubted;

    public Guid OrderId { get; } = orderId;

    /// <summary>Waiters that have read, and now do nothing but wait.</summary>
    public int Armed
    {
        get
        {
            lock (this)
            {
                return Here().Count(w => w.Armed);
            }
        }
    }

    /// <summary>True while somebody here waits who has seen nothing, because the database did not answer.</summary>
    public bool HasBlindWaiter
    {
        get
        {
            lock (this)
            {
                // Asked of every order once a second, so it makes nothing.
                for (var waiter = _newest; waiter is not null; waiter = waiter.Neighbour)
                {
                    if (waiter is { Armed: true, SeenVersion: 0 })
                    {
                        return true;
                    }
                }

                return false;
            }
        }
    }

    /// <summary>The last version that any waiter here has seen, for the sweep to ask beyond.</summary>
    public long SeenVersion
    {
        get
        {
            lock (this)
            {
                return _here == 0 ? long.MaxValue : Here().Min(w => w.SeenVersion);
            }
        }
    }

    /// <summary>Who waits here now.</summary>
    public IReadOnlyList<Waiter> Parked
    {
        get
        {
            lock (this)
            {
                return [.. Here()];
            }
        }
    }

    /// <summary>
    /// Takes a place. False with no task: this order is full here. False with a task: this object has just been retired;
    /// the caller takes a new one. The task completes when the subscription is confirmed, for the second waiter as for the first.
    /// </summary>
    public bool TryJoin(Waiter waiter, int most, out Task? subscribed)
    {
        lock (this)
        {
            subscribed = null;
            if (_retired)
            {
                subscribed = Task.CompletedTask;
                return false;
            }

            if (waiter.Counts)
            {
                if (_counted >= most)
                {
                    return false;
                }

                _counted++;
            }

            // What those before did not get is asked for again; for those who are here the sweep does that.
            var asks = _subscribed is null || (_here == 0 && SubscriptionFailed);
            (waiter.Place, waiter.Neighbour) = (this, _newest);
            _newest = waiter;
            _here++;
            subscribed = asks ? Subscribe() : _subscribed;
            return true;
        }
    }

    /// <summary>Gives a place back. True when it was the last one: the subscription is to be ended if nobody comes.</summary>
    public bool Leave(Waiter waiter)
    {
        lock (this)
        {
            if (Remove(waiter))
            {
                _here--;
                _counted -= waiter.Counts ? 1 : 0;
            }

            return _here == 0;
        }
    }

    /// <summary>Ends the subscription, if nobody is here. True when nobody came meanwhile either: forget this object.</summary>
    public async Task<bool> EndAsync()
    {
        Task unsubscribed;
        lock (this)
        {
            if (_here > 0 || _subscribed is null)
            {
                return false;
            }

            _subscribed = null;
            unsubscribed = _lastStep = Step(_lastStep, () => bus.UnsubscribeAsync(OrderId, CancellationToken.None));
        }

        await unsubscribed.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        lock (this)
        {
            // Never taken back: somebody else's unsubscription may have retired this object while we came to the lock.
            var last = _here == 0 && _subscribed is null && _lastStep == unsubscribed;
            _retired |= last;
            return last;
        }
    }

    /// <summary>The subscription is gone: as one that failed it is made again when the sweep next looks.</summary>
    public void LoseSubscription()
    {
        lock (this)
        {
            _subscribed = _subscribed is null ? null : Lost;
        }
    }

    /// <summary>Somebody here did not wait for the subscription: what was said before it was confirmed may have been missed.</summary>
    public void Doubt()
    {
        lock (this)
        {
            _doubted = true;
        }
    }

    /// <summary>
    /// True when the sweep must look: messages are not known to arrive, or have not been since somebody last looked. A
    /// subscription that was late is looked at once more after it is confirmed, and one that failed is made again.
    /// </summary>
    /// <param name="maySubscribe">How many more may be made again now.</param>
    public bool TakeDoubt(ref int maySubscribe)
    {
        lock (this)
        {
            if (_subscribed is { IsCompletedSuccessfully: true })
            {
                var doubted = _doubted;
                _doubted = false;
                return doubted;
            }

            if (_here > 0 && SubscriptionFailed && maySubscribe > 0)
            {
                maySubscribe--;
                _ = Subscribe();
            }

            return _doubted = true;
        }
    }

    /// <summary>Hands a waiter what the database says; from here on it can be answered.</summary>
    public void Arm(Waiter waiter, OrderSnapshot? stored)
    {
        lock (this)
        {
            if (_subscribed is { IsCompletedSuccessfully: true } && _subscribed == _lastStep)
            {
                // For the minute that follows, that it succeeded is all there is to keep of a step.
                _subscribed = _lastStep = Task.CompletedTask;
            }

            waiter.Arm(stored);
        }
    }

    /// <summary>
    /// Offers a view to every waiter: to how many of them it was news, and who is left for the caller to tell. That is who waits alone, if the
    /// caller wants to answer <paramref name="onThisThread"/>; of many nobody has to wait until the others' answers are written.
    /// </summary>
    public (int News, Waiter? Alone) Deliver(OrderSnapshot snapshot, bool onThisThread)
    {
        var news = 0;
        Waiter? alone = null;
        lock (this)
        {
            for (var waiter = _newest; waiter is not null; waiter = waiter.Neighbour)
            {
                var (isNews, over) = waiter.Offer(snapshot);
                news += isNews ? 1 : 0;
                if (over && onThisThread && _here == 1)
                {
                    alone = waiter;
                }
                else if (over)
                {
                    waiter.TellSoon();
                }
            }
        }

        // Not told in here: who is told leaves, and takes the lock for it.
        return (news, alone);
    }

    /// <summary>Lets a waiter go because the node stops.</summary>
    public void Release(Waiter waiter)
    {
        lock (this)
        {
            waiter.End(WaitEnding.Draining);
        }
    }

    private IEnumerable<Waiter> Here()
    {
        for (var waiter = _newest; waiter is not null; waiter = waiter.Neighbour)
        {
            yield return waiter;
        }
    }

    private bool Remove(Waiter leaving)
    {
        Waiter? newer = null;
        for (var waiter = _newest; waiter is not null; (newer, waiter) = (waiter, waiter.Neighbour))
        {
            if (waiter == leaving)
            {
                _newest = newer is null ? leaving.Neighbour : _newest;
                newer?.Neighbour = leaving.Neighbour;
                leaving.Neighbour = null;
                return true;
            }
        }

        return false;
    }

    private bool SubscriptionFailed => _subscribed is { IsFaulted: true } or { IsCanceled: true };

    private Task Subscribe() => _subscribed = _lastStep = Step(_lastStep, () => bus.SubscribeAsync(OrderId, CancellationToken.None));

    private static async Task Step(Task before, Func<Task> next)
    {
        await before.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await next();
    }
}
