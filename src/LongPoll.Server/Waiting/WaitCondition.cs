using LongPoll.Server.Payments;

namespace LongPoll.Server.Waiting;

/// <summary>What a page waits for.</summary>
internal enum WaitUntil
{
    /// <summary>Anything newer than what the page has seen.</summary>
    Change,

    /// <summary>One of the four last payment statuses.</summary>
    Settled,

    /// <summary>Settled, and tickets no longer on their way.</summary>
    Fulfilled,
}

/// <summary>When a waiter may be answered: a version newer than it has seen, in the state it waits for.</summary>
internal readonly record struct WaitCondition(long? Since, WaitUntil Until)
{
    public bool IsMetBy(OrderSnapshot snapshot) =>
        snapshot.Version > (Since ?? 0)
        && Until switch
        {
            WaitUntil.Change => true,
            WaitUntil.Settled => snapshot.Settled,
            _ => snapshot.Settled && !snapshot.FulfilmentPending,
        };

    /// <summary>
    /// The cache may lag behind a new attempt, so an ending that a new attempt can undo is not believed from it,
    /// unless the page only asked for anything newer.
    /// </summary>
    public bool IsMetByCached(OrderSnapshot snapshot) =>
        IsMetBy(snapshot) && (snapshot.Completed || (Since is not null && Until == WaitUntil.Change));
}
