using LongPoll.Server.Outbox;

namespace LongPoll.Tests.Outbox;

/// <summary>An outbox that knows how many messages are in somebody's hand, and that can be away.</summary>
internal sealed class WatchedOutbox(IOutboxStore store) : IOutboxStore
{
    private int _inHand;

    /// <summary>Claimed, and not marked yet.</summary>
    public int InHand => Volatile.Read(ref _inHand);

    /// <summary>Makes claims fail.</summary>
    public bool Away { get; set; }

    public async Task<IReadOnlyList<OutboxMessage>> ClaimAsync(string kind, DateTime now, DateTime leaseUntil, int limit, CancellationToken cancel)
    {
        if (Away)
        {
            throw new TimeoutException();
        }

        var claimed = await store.ClaimAsync(kind, now, leaseUntil, limit, cancel);
        Interlocked.Add(ref _inHand, claimed.Count);
        return claimed;
    }

    public async Task CompleteAsync(Guid messageId, DateTime now, CancellationToken cancel)
    {
        await store.CompleteAsync(messageId, now, cancel);
        Interlocked.Decrement(ref _inHand);
    }

    public async Task PostponeAsync(Guid messageId, DateTime dueAt, string reason, CancellationToken cancel)
    {
        await store.PostponeAsync(messageId, dueAt, reason, cancel);
        Interlocked.Decrement(ref _inHand);
    }

    public async Task BuryAsync(Guid messageId, DateTime now, string reason, CancellationToken cancel)
    {
        await store.BuryAsync(messageId, now, reason, cancel);
        Interlocked.Decrement(ref _inHand);
    }
}
