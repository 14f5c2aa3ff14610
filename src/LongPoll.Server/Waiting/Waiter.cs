using LongPoll.Server.Payments;

namespace LongPoll.Server.Waiting;

/// <summary>
/// One parked request: a promise of how its wait ends. From the moment it joins it keeps the newest view that arrives; it is
/// answered only once it has been armed with what the database says, so that an old message can never win over a newer row.
/// Its state is guarded by the lock of its <see cref="WaitedOrder"/>.
/// </summary>
internal sealed class Waiter(Guid orderId, WaitCondition condition, bool counts = true)
    // The message arrives on the bus's reader thread, or where a payment was committed: the answer must not be written there.
    : TaskCompletionSource<WaitResult>(TaskCreationOptions.RunContinuationsAsynchronously)
{
    private CancellationTokenRegistration _clientLeaves;

    public Guid OrderId { get; } = orderId;

    /// <summary>False for a wait within an event stream, whose place is counted already: one request, one place.</summary>
    public bool Counts { get; } = counts;

    /// <summary>Where it waits, once it has joined.</summary>
    public WaitedOrder? Place { get; set; }

    /// <summary>Those whose time is up together with this one's, while it has a deadline; and its neighbours among them.</summary>
    public DueTogether? Due { get; set; }

    public Waiter? DueBefore { get; set; }

    public Waiter? DueAfter { get; set; }

    /// <summary>True once it knows what the database says and can be answered.</summary>
    public bool Armed { get; private set; }

    /// <summary>The newest view that this waiter has seen, from wherever.</summary>
    public OrderSnapshot? Newest { get; private set; }

    /// <summary>What the cache said, where the database did not answer: better than nothing when time is up.</summary>
    public OrderSnapshot? Fallback { get; set; }

    /// <summary>Takes a view that arrived. What is not newer than what was seen wakes nobody, and is not news: false.</summary>
    public bool Offer(OrderSnapshot snapshot)
    {
        if (snapshot.Version <= (Newest?.Version ?? 0))
        {
            return false;
        }

        Newest = snapshot;
        EndIfMet(WaitEnding.Notified);
        return true;
    }

    /// <summary>Arms the waiter with what the database says, or with nothing when it did not answer.</summary>
    public void Arm(OrderSnapshot? stored)
    {
        Armed = true;
        var fromDatabase = stored is not null && stored.Version >= (Newest?.Version ?? 0);
        if (fromDatabase)
        {
            Newest = stored;
        }

        EndIfMet(fromDatabase ? WaitEnding.Database : WaitEnding.Notified);
    }

    /// <summary>Ends the wait when the client hangs up.</summary>
    public void EndWhen(CancellationToken clientLeaves) =>
        _clientLeaves = clientLeaves.UnsafeRegister(static waiter => ((Waiter)waiter!).End(WaitEnding.ClientLeft), this);

    /// <summary>Lets the waiter go with what it has seen, for whatever reason. Who was answered already stays answered.</summary>
    public void End(WaitEnding ending) => TrySetResult(new WaitResult(ending, Newest ?? Fallback));

    /// <summary>Takes it out of everything that could end it: the wait is over.</summary>
    public void Forget()
    {
        Due?.Remove(this);
        _clientLeaves.Unregister();
    }

    private void EndIfMet(WaitEnding ending)
    {
        if (Armed && Newest is { } newest && condition.IsMetBy(newest))
        {
            TrySetResult(new WaitResult(ending, newest));
        }
    }
}
