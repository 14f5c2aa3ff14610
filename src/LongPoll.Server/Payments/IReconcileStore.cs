namespace LongPoll.Server.Payments;

/// <summary>An attempt that is due to be asked about.</summary>
internal sealed record SilentAttempt(Attempt Attempt, DateTime OrderExpiresAt);

/// <summary>When an attempt is asked about next; null when there is nothing left to ask.</summary>
internal readonly record struct NextAsk(Guid OrderId, Guid AttemptId, DateTime? At);

/// <summary>What reconciling asks of a store.</summary>
internal interface IReconcileStore
{
    /// <summary>
    /// Takes attempts that are due, with the right to ask about them, until <paramref name="leaseUntil"/>: each is asked
    /// about by one node, and a node that dies with one in hand loses it to another after that. What is due but was paid less than
    /// <paramref name="confirmAfter"/> ago is put off until that time has passed: settling leaves the schedule alone, so that it
    /// writes to no index.
    /// </summary>
    Task<IReadOnlyList<SilentAttempt>> ClaimSilentAttemptsAsync(DateTime now, DateTime leaseUntil, TimeSpan confirmAfter, int limit, CancellationToken cancel);

    /// <summary>Takes the right to ask the provider about this attempt; false when another, on whichever node, is asking.</summary>
    Task<bool> TryLeaseAskAsync(Guid attemptId, DateTime now, DateTime leaseUntil, CancellationToken cancel);

    /// <summary>Gives that right back.</summary>
    Task ReleaseAskAsync(Guid attemptId, CancellationToken cancel);

    /// <summary>
    /// Gives that right back for each of these attempts, and notes when to ask about it next. Where somebody wished it asked
    /// about soon while this question was under way, that stands.
    /// </summary>
    Task ScheduleAsksAsync(IReadOnlyCollection<NextAsk> asks, CancellationToken cancel);
}
