using LongPoll.Server.Payments;

namespace LongPoll.Server.Waiting;

/// <summary>
/// Whoever waits for an order: a promise that the wait will end, and how it did. From the moment it joins it keeps the newest view that arrives; it is
/// answered only once it has been armed with what the database says, so that an old message can never win over a newer row.
/// Its state is guarded by the lock of its <see cref="WaitedOrder"/>.
/// </summary>
internal class Waiter(Guid orderId, WaitCondition condition, bool counts = true) : TaskCompletionSource, IThreadPoolWorkItem
{
    private CancellationTokenRegistration _clientLeaves;
    private byte[]? _seen;
    private int _over;

    public Guid OrderId { get; } = orderId;

    public WaitCondition Condition { get; } = condition;

    /// <summary>False for a wait within an event stream, whose place is counted already: one request, one place.</summary>
    public bool Counts { get; } = counts;

    /// <summary>Where it waits, once it has joined.</summary>
    public WaitedOrder? Place { get; set; }

    /// <summary>Who came to that place before it, and is still there.</summary>
    public Waiter? Neighbour { get; set; }

    /// <summary>Those whose time is up together with this one's, while it has a deadline; and its neighbours among them.</summary>
    public DueTogether? Due { get; set; }

    public Waiter? DueBefore { get; set; }

    public Waiter? DueAfter { get; set; }

    /// <summary>How the wait ended. Not to be read before it is told.</summary>
    public WaitResult Result { get; private set; }

    /// <summary>True once it is decided how the wait ends, also while the answer has not been told yet.</summary>
    public bool Over => Volatile.Read(ref _over) == 1;

    /// <summary>True once it knows what the database says and can be answered.</summary>
    public bool Armed { get; private set; }

    /// <summary>The version of the newest view that this waiter has seen, from wherever; 0 before it has seen one.</summary>
    public long SeenVersion { get; private set; }

    /// <summary>The newest view that this waiter has seen.</summary>
    public OrderSnapshot? LastSeen => _seen is null ? null : OrderSnapshot.Read(OrderId, FoldedView.Unfold(OrderId, _seen));

    /// <summary>What the cache said, where the database did not answer: better than nothing when time is up.</summary>
    public OrderSnapshot? Fallback { get; set; }

    /// <summary>
    /// Takes a view that arrived. What is not newer than what was seen wakes nobody, and is not news. When the wait is over by it, the
    /// caller has to <see cref="Tell"/>, outside the lock, or <see cref="TellSoon"/>.
    /// </summary>
    public (bool News, bool Over) Offer(OrderSnapshot snapshot)
    {
        if (snapshot.Version <= SeenVersion)
        {
            return (News: false, Over: false);
        }

        return (News: true, EndsBy(snapshot, WaitEnding.Notified));
    }

    /// <summary>Arms the waiter with what the database says, or with nothing when it did not answer.</summary>
    public void Arm(OrderSnapshot? stored)
    {
        Armed = true;
        var fromDatabase = stored is not null && stored.Version >= SeenVersion;
        if ((fromDatabase ? stored : LastSeen) is { } newest && EndsBy(newest, fromDatabase ? WaitEnding.Database : WaitEnding.Notified))
        {
            Tell();
        }
    }

    /// <summary>Ends a wait that nobody waits for yet.</summary>
    public void Answer(WaitResult result)
    {
        if (TryEnd(result))
        {
            Tell();
        }
    }

    /// <summary>Ends the wait when the client hangs up.</summary>
    public void EndWhen(CancellationToken clientLeaves) =>
        _clientLeaves = clientLeaves.UnsafeRegister(static waiter => ((Waiter)waiter!).End(WaitEnding.ClientLeft), this);

    /// <summary>Lets the waiter go, for whatever reason; what it has seen stays with it. Who was answered already stays answered.</summary>
    public void End(WaitEnding ending)
    {
        if (TryEnd(new WaitResult(ending)))
        {
            TellSoon();
        }
    }

    /// <summary>The answer is written here and now, up to where it has to wait for its client.</summary>
    public virtual void Tell() => SetResult();

    /// <summary>The answer is written on another thread.</summary>
    public void TellSoon() => ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);

    void IThreadPoolWorkItem.Execute() => Tell();

    /// <summary>Takes it out of everything that could end it: the wait is over.</summary>
    public void Forget()
    {
        Due?.Remove(this);
        _clientLeaves.Unregister();
    }

    private bool EndsBy(OrderSnapshot snapshot, WaitEnding ending)
    {
        SeenVersion = snapshot.Version;
        if (Armed && Condition.IsMetBy(snapshot) && TryEnd(new WaitResult(ending, snapshot)))
        {
            return true;
        }

        _seen = snapshot.Folded;
        return false;
    }

    /// <summary>True for the first who ends it: this is how it ends.</summary>
    private bool TryEnd(WaitResult result)
    {
        if (Interlocked.Exchange(ref _over, 1) == 1)
        {
            return false;
        }

        Result = result;
        return true;
    }
}
