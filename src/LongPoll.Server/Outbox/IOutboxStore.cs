namespace LongPoll.Server.Outbox;

/// <summary>What the outbox worker asks of a store.</summary>
internal interface IOutboxStore
{
    /// <summary>Which of these kinds have messages that are due and that nobody holds.</summary>
    Task<IReadOnlyList<string>> FindDueKindsAsync(IReadOnlyCollection<string> kinds, DateTime now, CancellationToken cancel);

    /// <summary>
    /// Takes messages of a kind that are due and that nobody holds, until <paramref name="leaseUntil"/>: whoever dies with a
    /// message in hand loses it to somebody else after that. Counts the try.
    /// </summary>
    Task<IReadOnlyList<OutboxMessage>> ClaimAsync(string kind, DateTime now, DateTime leaseUntil, int limit, CancellationToken cancel);

    Task CompleteAsync(Guid messageId, DateTime now, CancellationToken cancel);

    /// <summary>Gives the message back until <paramref name="dueAt"/>.</summary>
    Task PostponeAsync(Guid messageId, DateTime dueAt, string reason, CancellationToken cancel);

    /// <summary>Gives the message up, with the reason, for a person to see.</summary>
    Task BuryAsync(Guid messageId, DateTime now, string reason, CancellationToken cancel);
}
