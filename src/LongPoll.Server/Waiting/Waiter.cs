using LongPoll.Server.Payments;

namespace LongPoll.Server.Waiting;

/// <summary>
/// One parked request. From the moment it joins it keeps the newest view that arrives; it is answered only once it has
/// been armed with what the database says, so that an old message can never win over a newer row.
/// Its state is guarded by the lock of its <see cref="WaitedOrder"/>.
/// </summary>
internal sealed class Waiter(Guid orderId, WaitCondition condition, bool counts = true)
    // The message arrives on the bus's reader thread: the answer must not be written there.
    : TaskCompletionSource<WaitResult>(TaskCreationOptions.RunContinuationsAsynchronously)
{
    public Guid OrderId { get; } = orderId;

    /// <summary>False for a wait within an event stream, whose place is counted already: one request, one place.</summary>
    public bool Counts { get; } = counts;

    /// <summary>Where it waits, once it has joined.</summary>
    public WaitedOrder? Place { get; set; }

    /// <summary>True once it knows what the database says and can be answered.</summary>
    public bool Armed { get; private set; }

    /// <summary>The newest view that this waiter has seen, from wherever.</summary>
    public OrderSnapshot? Newest { get; private set; }

    /// <summary>Takes a view that arrived. What is not newer than what was seen wakes nobody.</summary>
    public void Offer(OrderSnapshot snapshot)
    {
        if (snapshot.Version > (Newest?.Version ?? 0))
        {
            Newest = snapshot;
            EndIfMet(WaitEnding.Notified);
        }
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

    /// <summary>Lets the waiter go because the node stops.</summary>
    public void Release() => TrySetResult(new WaitResult(WaitEnding.Draining, Newest));

    private void EndIfMet(WaitEnding ending)
    {
        if (Armed && Newest is { } newest && condition.IsMetBy(newest))
        {
            TrySetResult(new WaitResult(ending, newest));
        }
    }
}
