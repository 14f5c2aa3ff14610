using LongPoll.Server.Payments;

namespace LongPoll.Server.Waiting;

/// <summary>The ways a wait can end.</summary>
internal enum WaitEnding
{
    /// <summary>The cache had the answer.</summary>
    Cache,

    /// <summary>The database had the answer.</summary>
    Database,

    /// <summary>A message brought the answer.</summary>
    Notified,

    /// <summary>Patience ran out: the current view.</summary>
    Timeout,

    /// <summary>The node is stopping: the current view.</summary>
    Draining,

    /// <summary>The client hung up; nobody is answered.</summary>
    ClientLeft,

    /// <summary>No such order.</summary>
    Unknown,

    /// <summary>This order has all the waiters it may have here.</summary>
    OrderFull,

    /// <summary>This node has all the waiters it may have, or is stopping.</summary>
    NodeFull,

    /// <summary>Time is up, the database does not answer, and nothing was ever seen.</summary>
    Unavailable,
}

/// <summary>How a wait ended, and the view that goes with it.</summary>
internal readonly record struct WaitResult(WaitEnding Ending, OrderSnapshot? Snapshot = null);
