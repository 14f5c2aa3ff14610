using LongPoll.Server.Outbox;

namespace LongPoll.Tests.Outbox;

/// <summary>An outbox that knows how many messages are in somebody's hand and whether more will be claimed, and that can be away.</summary>
internal sealed class WatchedOutbox(IOutboxStore store) : IOutboxStore
{
    private int _inHand;
    private int _asked;
    private volatile bool _more;

    /// <summary>Claimed, and not marked yet.</summary>
    public int InHand => Volatile.Read(ref _inHand);

    /// <summary>A claim is under way or will come: something was found, or the last claim took all it asked for.</summary>
    public bool ClaimComes => _more || Volatile.Read(ref _asked) > 0;

    /// <summary>Makes claims and looks fail.</summary>
    public bool Away { get; set; }

    /// <summary>Looks that failed.</summary>
    public int FailedLooks { get; private set; }

    /// <summary>What happens once while a claim that has found what it found is on its way back.</summary>
    public Func<Task>? Meanwhile { get; set; }

    /// <summary>A worker was started: it will claim.</summary>
    public void ExpectClaim() => _more = true;

    public async Task<IReadOnlyList<string>> FindDueKindsAsync(IReadOnlyCollection<string> kinds, DateTime now, CancellationToken cancel)
    {
        if (Away)
        {
            FailedLooks++;
            throw new TimeoutException();
        }

        var found = await store.FindDueKindsAsync(kinds, now, cancel);
        if (found.Count > 0)
        {
            _more = true;
        }

        return found;
    }

    public async Task<IReadOnlyList<OutboxMessage>> ClaimAsync(string kind, DateTime now, DateTime leaseUntil, int limit, CancellationToken cancel)
    {
        Interlocked.Increment(ref _asked);
        try
        {
            _more = false;
            if (Away)
            {
                throw new TimeoutException();
            }

            var claimed = await store.ClaimAsync(kind, now, leaseUntil, limit, cancel);
            Interlocked.Add(ref _inHand, claimed.Count);
            if (claimed.Count == limit)
            {
                _more = true;
            }

            if (Meanwhile is { } meanwhile)
            {
                Meanwhile = null;
                await meanwhile();
            }

            return claimed;
        }
        finally
        {
            Interlocked.Decrement(ref _asked);
        }
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
