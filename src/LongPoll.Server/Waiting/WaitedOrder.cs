using LongPoll.Server.Bus;
using LongPoll.Server.Payments;

namespace LongPoll.Server.Waiting;

/// <summary>
/// The waiters of one order on this node, and the one subscription that they share. First in subscribes; when the last one has been
/// out for a moment the subscription is ended. Each step begins when the one before it has ended, so that they never overtake each other.
/// </summary>
internal sealed class WaitedOrder(Guid orderId, IStatusBus bus)
{
    private readonly List<Waiter> _waiters = new(1);
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
            lock (_waiters)
            {
                return _waiters.Count(w => w.Armed);
            }
        }
    }

    /// <summary>True while somebody here waits who has seen nothing, because the database did not answer.</summary>
    public bool HasBlindWaiter
    {
        get
        {
            lock (_waiters)
            {
                return _waiters.Exists(w => w is { Armed: true, SeenVersion: 0 });
            }
        }
    }

    /// <summary>The last version that any waiter here has seen, for the sweep to ask beyond.</summary>
    public long SeenVersion
    {
        get
        {
            lock (_waiters)
            {
                return _waiters.Count == 0 ? long.MaxValue : _waiters.Min(w => w.SeenVersion);
            }
        }
    }

    /// <summary>Who waits here now.</summary>
    public IReadOnlyList<Waiter> Parked
    {
        get
        {
            lock (_waiters)
            {
                return [.. _waiters];
            }
        }
    }

    /// <summary>
    /// Takes a place. False with no task: this order is full here. False with a task: this object has just been retired;
    /// the caller takes a new one. The task completes when the subscription is confirmed, for the second waiter as for the first.
    /// </summary>
    public bool TryJoin(Waiter waiter, int most, out Task? subscribed)
    {
        lock (_waiters)
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
            var asks = _subscribed is null || (_waiters.Count == 0 && SubscriptionFailed);
            _waiters.Add(waiter);
            waiter.Place = this;
            subscribed = asks ? Subscribe() : _subscribed;
            return true;
        }
    }

    /// <summary>Gives a place back. True when it was the last one: the subscription is to be ended if nobody comes.</summary>
    public bool Leave(Waiter waiter)
    {
        lock (_waiters)
        {
            if (_waiters.Remove(waiter) && waiter.Counts)
            {
                _counted--;
            }

            return _waiters.Count == 0;
        }
    }

    /// <summary>Ends the subscription, if nobody is here. True when nobody came meanwhile either: forget this object.</summary>
    public async Task<bool> EndAsync()
    {
        Task unsubscribed;
        lock (_waiters)
        {
            if (_waiters.Count > 0 || _subscribed is null)
            {
                return false;
            }

            _subscribed = null;
            unsubscribed = _lastStep = Step(_lastStep, () => bus.UnsubscribeAsync(OrderId, CancellationToken.None));
        }

        await unsubscribed.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        lock (_waiters)
        {
            // Never taken back: somebody else's unsubscription may have retired this object while we came to the lock.
            var last = _waiters.Count == 0 && _subscribed is null && _lastStep == unsubscribed;
            _retired |= last;
            return last;
        }
    }

    /// <summary>Somebody here did not wait for the subscription: what was said before it was confirmed may have been missed.</summary>
    public void Doubt()
    {
        lock (_waiters)
        {
            _doubted = true;
        }
    }

    /// <summary>
    /// True when the sweep must look: messages are not known to arrive, or have not been since somebody last looked. A
    /// subscription that was late is looked at once more after it is confirmed, and one that failed is made again.
    /// </summary>
    public bool TakeDoubt()
    {
        lock (_waiters)
        {
            if (_subscribed is { IsCompletedSuccessfully: true })
            {
                var doubted = _doubted;
                _doubted = false;
                return doubted;
            }

            if (_waiters.Count > 0 && SubscriptionFailed)
            {
                _ = Subscribe();
            }

            return _doubted = true;
        }
    }

    /// <summary>Hands a waiter what the database says; from here on it can be answered.</summary>
    public void Arm(Waiter waiter, OrderSnapshot? stored)
    {
        lock (_waiters)
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
        lock (_waiters)
        {
            foreach (var waiter in _waiters)
            {
                var (isNews, over) = waiter.Offer(snapshot);
                news += isNews ? 1 : 0;
                if (over && onThisThread && _waiters.Count == 1)
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
        lock (_waiters)
        {
            waiter.End(WaitEnding.Draining);
        }
    }

    private bool SubscriptionFailed => _subscribed is { IsFaulted: true } or { IsCanceled: true };

    private Task Subscribe() => _subscribed = _lastStep = Step(_lastStep, () => bus.SubscribeAsync(OrderId, CancellationToken.None));

    private static async Task Step(Task before, Func<Task> next)
    {
        await before.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await next();
    }
}
